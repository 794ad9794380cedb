#pragma warning disable CA1416 // Built for Linux only: Unix file modes are available.
using System.Text;
using FluentAssertions;
using NUnit.Framework;
using Pipeline.Engine.Storage;

namespace Pipeline.Tests.Unit.Delta;

public class LocalStorageTests
{
    private TempFolder folder = null!;
    private IStorage storage = null!;

    [SetUp]
    public void Make()
    {
        folder = new TempFolder();
        storage = StorageFactory.For(folder.Path);
    }

    [TearDown]
    public void Delete() => folder.Dispose();

    [Test]
    public async Task A_new_file_is_made_once()
    {
        (await storage.PutIfAbsentAsync("a/b/c.txt", Bytes("first"))).Should().Be(PutResult.Created);
        (await storage.PutIfAbsentAsync("a/b/c.txt", Bytes("second"))).Should().Be(PutResult.Exists);
        Text(await storage.TryReadAsync("a/b/c.txt")).Should().Be("first");
        Directory.GetFiles(folder["a/b"]).Should().ContainSingle("no temporary file is left");
    }

    [Test]
    public async Task Of_many_at_once_exactly_one_makes_the_file()
    {
        var results = await Task.WhenAll(Enumerable.Range(0, 50).Select(i => Task.Run(() => storage.PutIfAbsentAsync("x", Bytes($"{i}")))));
        results.Count(static result => result == PutResult.Created).Should().Be(1);
        var winner = Array.IndexOf(results, PutResult.Created);
        Text(await storage.TryReadAsync("x")).Should().Be($"{winner}");
    }

    [Test]
    public async Task A_file_is_replaced_whole()
    {
        await storage.PutAsync("x", Bytes("a long first content"));
        await storage.PutAsync("x", Bytes("b"));
        Text(await storage.TryReadAsync("x")).Should().Be("b");
    }

    [TestCase("a much longer content than the new one")]
    [TestCase("")]
    public async Task A_new_file_takes_the_place_of_a_worn_one(string old)
    {
        await storage.PutAsync("log/1", Bytes(old));
        folder.Write("log/.1.crc", "Hadoop's checksum of it");
        using var opened = File.OpenRead(folder["log/1"]);
        (await storage.PutInPlaceOfAsync("log/5", "log/1", Bytes("new"))).Should().Be(PutResult.Created);
        Text(await storage.TryReadAsync("log/5")).Should().Be("new");
        using (var reader = new StreamReader(opened)) (await reader.ReadToEndAsync()).Should().Be("new", "it is the same file, so that the file system need not look for another");
        Directory.GetFileSystemEntries(folder["log"]).Should().ContainSingle("neither the old file nor a temporary one is left");
    }

    [Test]
    public async Task A_worn_file_with_a_second_name_keeps_its_content_there()
    {
        await storage.PutAsync("log/1", Bytes("old"));
        folder.Write("log/.1.crc", "Hadoop's checksum of it");
        Posix.Link(folder["log/1"], folder["backup"]).Should().Be(0);
        (await storage.PutInPlaceOfAsync("log/5", "log/1", Bytes("new"))).Should().Be(PutResult.Created);
        Text(await storage.TryReadAsync("backup")).Should().Be("old");
        Text(await storage.TryReadAsync("log/5")).Should().Be("new");
        Directory.GetFileSystemEntries(folder["log"]).Should().ContainSingle("neither the old file nor its checksum is left");
    }

    [Test]
    public async Task A_worn_file_that_is_gone_is_no_hindrance()
    {
        (await storage.PutInPlaceOfAsync("log/5", "log/1", Bytes("new"))).Should().Be(PutResult.Created);
        Text(await storage.TryReadAsync("log/5")).Should().Be("new");
    }

    [Test]
    public async Task A_worn_file_stays_where_the_new_name_is_taken()
    {
        await storage.PutAsync("log/1", Bytes("old"));
        await storage.PutAsync("log/5", Bytes("another's"));
        (await storage.PutInPlaceOfAsync("log/5", "log/1", Bytes("new"))).Should().Be(PutResult.Exists);
        Text(await storage.TryReadAsync("log/5")).Should().Be("another's");
        Text(await storage.TryReadAsync("log/1")).Should().Be("old");
    }

    [Test]
    public async Task A_store_without_room_to_use_again_deletes_the_worn_file()
    {
        IStorage plain = new FlakyStorage(storage, lostReplies: 0);
        await plain.PutAsync("log/1", Bytes("old"));
        (await plain.PutInPlaceOfAsync("log/5", "log/1", Bytes("new"))).Should().Be(PutResult.Created);
        (await plain.PutInPlaceOfAsync("log/5", "log/6", Bytes("newer"))).Should().Be(PutResult.Exists);
        (await plain.ListAsync("log")).Select(static entry => entry.Name).Should().Equal("5");
        Text(await plain.TryReadAsync("log/5")).Should().Be("new");
    }

    [Test]
    public async Task A_local_file_is_brought_in()
    {
        folder.Write("elsewhere/f", "content");
        (await storage.PutFileIfAbsentAsync("in/f", folder["elsewhere/f"])).Should().Be(PutResult.Created);
        folder.Write("elsewhere/f", "other");
        (await storage.PutFileIfAbsentAsync("in/f", folder["elsewhere/f"])).Should().Be(PutResult.Exists);
        Text(await storage.TryReadAsync("in/f")).Should().Be("content");
    }

    [Test]
    public async Task Files_written_by_path_are_flushed_and_one_that_is_not_there_is_told()
    {
        folder.Write("a/b/c", "1");
        await storage.FlushAsync(["a/b/c"]);
        var flush = () => storage.FlushAsync(["a/b/c", "a/none"]);
        (await flush.Should().ThrowAsync<StorageException>()).WithMessage($"Cannot flush '{folder.Path}/a/none': there is no such file.").Which.IsNotFound.Should().BeTrue();
    }

    [Test]
    public async Task A_part_of_a_file_is_read()
    {
        folder.Write("x", "0123456789");
        await using var stream = await storage.OpenReadAsync("x", 3, 4);
        using var reader = new StreamReader(stream);
        (await reader.ReadToEndAsync()).Should().Be("3456");
    }

    [Test]
    public async Task A_rename_never_replaces()
    {
        folder.Write("a", "1");
        folder.Write("b", "2");
        (await storage.RenameAsync("a", "b")).Should().Be(PutResult.Exists);
        (await storage.RenameAsync("a", "sub/c")).Should().Be(PutResult.Created);
        Text(await storage.TryReadAsync("sub/c")).Should().Be("1");
        var rename = () => storage.RenameAsync("a", "d");
        (await rename.Should().ThrowAsync<StorageException>()).WithMessage($"Cannot rename '{folder.Path}/a': there is no such file.").Which.IsNotFound.Should().BeTrue();
    }

    [Test]
    public async Task Entries_come_by_name_and_from_a_name_on()
    {
        foreach (var name in new[] { "b", "a", "c", "sub/d" }) folder.Write(name, name);
        (await storage.ListAsync("")).Select(static entry => (entry.Path, entry.SizeBytes, entry.IsFolder)).Should().Equal(("a", 1L, false), ("b", 1L, false), ("c", 1L, false), ("sub", 0L, true));
        (await storage.ListAsync("", startAt: "b")).Select(static entry => entry.Name).Should().Equal("b", "c", "sub");
        (await storage.ListAsync("", recursive: true)).Select(static entry => entry.Path).Should().Equal("a", "b", "c", "sub/d");
        (await storage.ListAsync("none")).Should().BeEmpty();
        (await storage.At("sub").ListAsync("")).Select(static entry => entry.Path).Should().Equal("d");
    }

    [Test]
    public async Task Deleting_says_whether_there_was_something()
    {
        folder.Write("a/b", "1");
        (await storage.DeleteAsync("a/b")).Should().BeTrue();
        (await storage.DeleteAsync("a/b")).Should().BeFalse();
        (await storage.DeleteAsync("a")).Should().BeTrue();
        (await storage.StatAsync("a")).Should().BeNull();
        (await storage.TryReadAsync("a/b")).Should().BeNull();
    }

    [Test]
    public async Task State_is_for_its_owner_only()
    {
        var secret = StorageFactory.For(folder["state"], new StorageOptions { IsPrivate = true });
        await secret.PutIfAbsentAsync("deep/x", Bytes("1"));
        await secret.PutAsync("deep/y", Bytes("1"));
        folder.Write("state/deep/old", "another program's");
        await secret.PutInPlaceOfAsync("deep/z", "deep/old", Bytes("1"));
        File.GetUnixFileMode(folder["state/deep"]).Should().Be(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        File.GetUnixFileMode(folder["state/deep/x"]).Should().Be(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        File.GetUnixFileMode(folder["state/deep/y"]).Should().Be(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        File.GetUnixFileMode(folder["state/deep/z"]).Should().Be(UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }

    [TestCase("../x", "it has the part '..'")]
    [TestCase("a/../../x", "it has the part '..'")]
    [TestCase("/etc/passwd", "it begins with '/'")]
    [TestCase("a\0b", "it has a NUL character")]
    public async Task Paths_stay_below_the_root(string path, string why)
    {
        var read = () => storage.TryReadAsync(path);
        (await read.Should().ThrowAsync<ArgumentException>()).WithMessage($"The path '{path.Replace('\0', '?')}' is refused: {why}. Paths are relative to the storage's root and stay below it.*");
    }

    [Test]
    public async Task A_missing_file_is_told_as_such()
    {
        var open = () => storage.OpenReadAsync("x");
        (await open.Should().ThrowAsync<StorageException>()).WithMessage($"Cannot read '{folder.Path}/x': there is no such file.").Which.IsNotFound.Should().BeTrue();
    }

    [Test]
    public async Task A_file_in_the_way_of_a_folder_is_told()
    {
        folder.Write("a", "1");
        var put = () => storage.PutIfAbsentAsync("a/b", Bytes("2"));
        (await put.Should().ThrowAsync<StorageException>()).WithMessage($"Cannot write '{folder.Path}/a/b': *");
    }

    [TestCase("/data/lake", "file:///data/lake", "/data/lake")]
    [TestCase("/data/lake/", "file:///data/lake", "/data/lake")]
    [TestCase("file:/data/a%20b", "file:///data/a%20b", "/data/a b")]
    [TestCase("file:///data/x", "file:///data/x", "/data/x")]
    [TestCase("file://localhost/data/x", "file:///data/x", "/data/x")]
    [TestCase("/data/a#b?c", "file:///data/a%23b%3Fc", "/data/a#b?c")]
    public void A_path_or_file_uri_is_the_local_disk(string uri, string root, string local)
    {
        var found = StorageFactory.For(uri);
        found.Root.AbsoluteUri.Should().Be(root);
        found.LocalRoot.Should().Be(local);
    }

    [TestCase("s3://bucket/x", "Cannot open 's3://bucket/x': the scheme 's3' is not known here. Known are paths, file:, hdfs://host:port/… and webhdfs://host:port/….*")]
    [TestCase("file://other/x", "Cannot open 'file://other/x': a file: URI names a file of this machine, and 'other' stands where its host would. Write file:///path.*")]
    [TestCase("hdfs:///x", "Cannot open 'hdfs:///x': it names no host. Write hdfs://namenode:8020/path or webhdfs://namenode:9870/path.*")]
    public void Other_schemes_are_refused(string uri, string message)
    {
        var open = () => StorageFactory.For(uri);
        open.Should().Throw<ArgumentException>().WithMessage(message);
    }

    [TestCase("webhdfs://nn:9870/lake", "http://nn:9870/")]
    [TestCase("hdfs://nn:8020/lake", "http://nn:9870/")]
    [TestCase("hdfs://mapped:8020/lake", "http://web:1234/")]
    [TestCase("swebhdfs://nn:9871/lake", "https://nn:9871/")]
    public void Hdfs_is_reached_at_its_http_address(string uri, string address)
    {
        var options = StorageOptions.FromEnvironment(name => name == "PIPELINE_HDFS_HTTP" ? "mapped:8020=web:1234" : null);
        WebHdfsStorage.HttpAddressOf(new Uri(uri), options).AbsoluteUri.Should().Be(address);
    }

    [Test]
    public void A_wrong_http_address_of_hdfs_is_refused()
    {
        var read = () => StorageOptions.FromEnvironment(static _ => "ftp://x");
        read.Should().Throw<ArgumentException>().WithMessage("PIPELINE_HDFS_HTTP has the address 'ftp://x', which is not an http or https address. Write it as 'namenode:9870' or 'namenode:8020=http://namenode:9870'.*");
    }

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    private static string? Text(byte[]? content) => content is null ? null : Encoding.UTF8.GetString(content);
}
