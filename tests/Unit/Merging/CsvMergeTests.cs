using FluentAssertions;
using NUnit.Framework;
using Pipeline.Engine.Types;
using Pipeline.Jobs.Cli.Merging;
using Pipeline.Tests.Support.Files;
using Pipeline.Tests.Support.Processes;

namespace Pipeline.Tests.Unit.Merging;

public sealed class CsvMergeTests
{
    private TemporaryFolder folder = null!;

    [SetUp]
    public void MakeFolder()
    {
        folder = new TemporaryFolder();
        Directory.CreateDirectory(folder["in"]);
    }

    [TearDown]
    public void DeleteFolder() => folder.Dispose();

    [Test]
    public void Files_become_one_with_one_header_in_the_order_of_their_names()
    {
        Put("b.csv", "id,name\n3,c\n");
        Put("a.csv", "id,name\n1,a\n2,b\n");
        var pass = Pass();
        pass.Taken.Should().Equal("a.csv", "b.csv");
        pass.Rows.Should().Be(3);
        Merged.Should().Be("id,name\n1,a\n2,b\n3,c\n");
        Listed.Should().Equal("a.csv", "b.csv");
    }

    [Test]
    public void A_second_pass_takes_only_what_is_new()
    {
        Put("a.csv", "id,name\n1,a\n");
        var merge = new CsvMerge(Places);
        merge.Run(default);
        Put("b.csv", "id,name\n2,b\n");
        merge.Run(default).Taken.Should().Equal("b.csv");
        merge.Run(default).Taken.Should().BeEmpty();
        Merged.Should().Be("id,name\n1,a\n2,b\n");
    }

    [Test]
    public void A_name_taken_out_of_the_list_has_its_file_taken_again_without_doubling_its_rows()
    {
        Put("a.csv", "id,name\n1,a\n");
        Put("b.csv", "id,name\n2,b\n");
        Pass();
        File.WriteAllText(folder["processed_files.txt"], "b.csv\n");
        Pass();
        Merged.Should().Be("id,name\n1,a\n2,b\n");
        Listed.Should().Equal("a.csv", "b.csv");
    }

    [Test]
    public void The_list_taken_away_has_all_files_taken_again_without_doubling_a_row()
    {
        Put("a.csv", "id,name\n1,a\n");
        Put("b.csv", "id,name\n2,b\n");
        Pass();
        File.Delete(folder["processed_files.txt"]);
        Put("a.csv", "id,name\n1,a\n9,z\n");
        Pass();
        Merged.Should().Be("id,name\n1,a\n9,z\n2,b\n");
        Listed.Should().Equal("a.csv", "b.csv");
    }

    [Test]
    public void A_file_that_went_on_after_it_was_taken_has_its_rows_replaced()
    {
        Put("a.csv", "id,name\n1,a\n");
        Put("b.csv", "id,name\n3,c\n");
        var merge = new CsvMerge(Places);
        merge.Run(default);
        Put("a.csv", "id,name\n1,a\n2,b\n");
        merge.Run(default).Taken.Should().Equal("a.csv");
        Merged.Should().Be("id,name\n1,a\n2,b\n3,c\n");
        Pass().Taken.Should().BeEmpty();
    }

    [Test]
    public void A_file_that_is_gone_keeps_its_rows()
    {
        Put("a.csv", "id,name\n1,a\n");
        Pass();
        File.Delete(folder["in/a.csv"]);
        File.Delete(folder["processed_files.txt"]);
        Put("b.csv", "id,name\n2,b\n");
        Pass();
        Merged.Should().Be("id,name\n1,a\n2,b\n");
        Listed.Should().Equal("a.csv", "b.csv");
    }

    [Test]
    public void The_merged_file_is_UTF_8_whatever_the_files_are()
    {
        File.WriteAllBytes(folder["in/a.csv"], [.. "id,name\n1,caf"u8, 0xE9, .. "\n2,é\n"u8]);
        File.WriteAllBytes(folder["in/b.csv"], [0xFF, 0xFE, .. System.Text.Encoding.Unicode.GetBytes("id,name\n3,œ\n")]);

        Pass().Taken.Should().Equal("a.csv", "b.csv");

        Merged.Should().Be("id,name\n1,café\n2,é\n3,œ\n");
        Pass().Taken.Should().BeEmpty();
    }

    [Test]
    public void Compressed_files_are_taken_and_one_that_is_cut_is_named()
    {
        foreach (var (name, text) in new[] { ("a.csv.gz", "id,name\n1,a\n"), ("b.csv.zst", "id,name\n2,b\n"), ("c.csv.zip", "id,name\n3,c\n") })
            File.WriteAllBytes(folder[$"in/{name}"], Packed.As(name, System.Text.Encoding.UTF8.GetBytes(text), "x.csv"));
        File.WriteAllBytes(folder["in/d.csv.gz"], Packed.As("d.gz", "id,name\n4,d\n"u8.ToArray(), "")[..^9]);
        File.WriteAllBytes(folder["in/backup.tar.gz"], [1, 2, 3]);

        var pass = Pass();

        pass.Taken.Should().Equal("a.csv.gz", "b.csv.zst", "c.csv.zip");
        pass.LeftOut.Should().ContainSingle().Which.Should().Match<(string Name, string Reason)>(static left => left.Name == "d.csv.gz" && left.Reason.StartsWith("cannot be unpacked", StringComparison.Ordinal));
        Merged.Should().Be("id,name\n1,a\n2,b\n3,c\n");
    }

    [Test]
    public void A_file_that_is_compressed_after_it_was_taken_doubles_no_row()
    {
        Put("a.csv", "id,name\n1,a\n");
        Pass().Taken.Should().Equal("a.csv");
        File.WriteAllBytes(folder["in/a.csv.gz"], Packed.As("a.gz", "id,name\n1,a\n"u8.ToArray(), ""));
        Pass().Taken.Should().BeEmpty("the plain file is there, too");
        File.Delete(folder["in/a.csv"]);

        Pass();

        Merged.Should().Be("id,name\n1,a\n");
    }

    [Test]
    public void A_linked_file_is_named_and_not_followed()
    {
        File.WriteAllText(folder["elsewhere.csv"], "id,name\n1,a\n");
        File.CreateSymbolicLink(folder["in/a.csv"], folder["elsewhere.csv"]);
        var merge = new CsvMerge(Places);

        merge.Run(default).LeftOut.Should().Equal(("a.csv", "is a symbolic link, and links are not followed: put the file itself into the folder"));

        merge.Run(default).LeftOut.Should().BeEmpty("it is named once");
        Merged.Should().Be("id,name\n");
    }

    [Test]
    public void Files_that_cannot_be_taken_are_named_once_and_looked_at_again_when_they_change()
    {
        Put("empty.csv", "");
        Put("half.csv", "id,name\n1,");
        Put("none.csv", "1,a\n");
        Put("other.csv", "name,id\na,1\n");
        Put("good.csv", "id,name\n7,g\n");
        var merge = new CsvMerge(Places);
        merge.Run(default).LeftOut.Should().Equal(
            ("empty.csv", "is empty"), ("half.csv", "does not end with a line break: it is half-written"),
            ("none.csv", "has no header: its first line is '1,a'"), ("other.csv", "has another header: 'name,id' in place of 'id,name'"));
        merge.Run(default).LeftOut.Should().BeEmpty();
        Listed.Should().Equal("good.csv");
        Put("half.csv", "id,name\n1,a\n");
        merge.Run(default).Taken.Should().Equal("half.csv");
        Put("empty.csv", "id,name\n1");
        merge.Run(default).LeftOut.Should().Equal(("empty.csv", "does not end with a line break: it is half-written"));
        Merged.Should().Be("id,name\n7,g\n1,a\n");
    }

    [Test]
    public void Hidden_files_and_the_merged_file_itself_are_not_taken()
    {
        Put("a.csv", "id,name\n1,a\n");
        Put(".a.csv.tmp.csv", "id,name\n2,b\n");
        var places = Places with { Merged = folder["in/merged.csv"], List = folder["in/processed_files.txt"] };
        new CsvMerge(places).Run(default);
        new CsvMerge(places).Run(default).Taken.Should().BeEmpty();
        File.ReadAllText(places.Merged).Should().Be("id,name\n1,a\n");
    }

    [TestCase("appended", 1)]
    [TestCase("appended", 2)]
    [TestCase("committed", 1)]
    [TestCase("committed", 2)]
    [TestCase("listed", 1)]
    public void A_crash_at_a_step_of_taking_files_loses_and_doubles_nothing(string step, int count)
    {
        Put("a.csv", "id,name\n1,a\n");
        Put("b.csv", "id,name\n2,b\n");
        Crash(step, count);
        Put("c.csv", "id,name\n3,c\n");
        Pass();
        Merged.Should().Be("id,name\n1,a\n2,b\n3,c\n");
        Listed.Should().Equal("a.csv", "b.csv", "c.csv");
    }

    [TestCase("rewritten")]
    [TestCase("rewrite committed")]
    [TestCase("merged file in place")]
    [TestCase("listed")]
    public void A_crash_at_a_step_of_replacing_rows_loses_and_doubles_nothing(string step)
    {
        Put("a.csv", "id,name\n1,a\n");
        Put("b.csv", "id,name\n2,b\n");
        Pass();
        File.Delete(folder["processed_files.txt"]);
        Put("a.csv", "id,name\n1,a\n5,e\n6,f\n");
        Crash(step, 1);
        Pass();
        Merged.Should().Be("id,name\n1,a\n5,e\n6,f\n2,b\n");
        Listed.Should().Equal("a.csv", "b.csv");
    }

    [Test]
    public void A_journal_whose_last_line_was_cut_counts_without_it()
    {
        Put("a.csv", "id,name\n1,a\n");
        Put("b.csv", "id,name\n2,b\n");
        Pass();
        var journal = folder[".merged.csv.journal"];
        var bytes = File.ReadAllBytes(journal);
        File.WriteAllBytes(journal, bytes[..^10]);
        Pass().Taken.Should().Equal("b.csv");
        Merged.Should().Be("id,name\n1,a\n2,b\n");
    }

    [Test]
    public void A_merged_file_taken_away_is_made_anew()
    {
        Put("a.csv", "id,name\n1,a\n");
        Pass();
        File.Delete(folder["merged.csv"]);
        Pass();
        Merged.Should().Be("id,name\n1,a\n");
    }

    [Test]
    public void A_merged_file_that_another_hand_changed_is_refused_with_what_to_do()
    {
        Put("a.csv", "id,name\n1,a\n");
        Pass();
        File.WriteAllText(folder["merged.csv"], "id,name\n");
        FluentActions.Invoking(Pass).Should().Throw<DataException>().WithMessage("*cannot be added to: it has 8 bytes and should have 12*Move it away*");
        File.Delete(folder[".merged.csv.journal"]);
        File.WriteAllText(folder["merged.csv"], "id,name\n4,d\n");
        FluentActions.Invoking(Pass).Should().Throw<DataException>().WithMessage("*there is no journal of it*");
    }

    private MergePlaces Places => new(folder["in"], folder["merged.csv"], folder["processed_files.txt"], ["id", "name"]);

    private string Merged => File.ReadAllText(folder["merged.csv"]);

    private string[] Listed => File.ReadAllLines(folder["processed_files.txt"]);

    private MergePass Pass() => new CsvMerge(Places).Run(default);

    private void Crash(string step, int count)
    {
        var left = count;
        FluentActions.Invoking(() => new CsvMerge(Places, name =>
        {
            if (name == step && --left == 0) throw new InvalidOperationException("killed");
        }).Run(default)).Should().Throw<InvalidOperationException>();
    }

    private void Put(string name, string text) => File.WriteAllText(Path.Combine(folder["in"], name), text);
}
