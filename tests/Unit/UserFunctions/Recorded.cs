using Pipeline.Engine.Sql.Engines;
using Pipeline.Engine.UserFunctions.Identity;
using Pipeline.Engine.UserFunctions.Worker;

namespace Pipeline.Tests.Unit.UserFunctions;

/// <summary>What Spark 3.5.7 and 4.1.1 sent for <c>SELECT inc(inc(id)), two(id, id + 7) FROM range(3)</c> with C# functions: one task over one connection, from its first byte to the end mark.</summary>
/// <remarks>Recorded between the JVM and a worker. Of the local properties three are left, and the folder of the files has another name.</remarks>
internal static class Recorded
{
    public static readonly string[] Versions = ["3.5", "4.1"];

    public static byte[] Task(string version) => File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "UserFunctions", "Recorded", $"scalar-{version}.bin"));

    /// <summary>The task with other functions in place of the recorded ones, which no assembly here has.</summary>
    /// <param name="version">Of Spark.</param>
    /// <param name="inc">Called twice in a chain.</param>
    /// <param name="two">Called with two columns.</param>
    public static byte[] Task(string version, Func<long, long> inc, Func<long, long, long> two)
    {
        var task = Task(version).AsSpan();
        using var to = new MemoryStream();
        byte[][] commands = [Command(inc, "inc"), Command(inc, "inc"), Command(two, "two")];
        foreach (var command in commands)
        {
            var start = task.IndexOf("{\"version\":"u8);
            var length = System.Buffers.Binary.BinaryPrimitives.ReadInt32BigEndian(task[(start - 4)..]);
            to.Write(task[..(start - 4)]);
            new WireWriter(to).Write(command.Length);
            to.Write(command);
            task = task[(start + length)..];
        }
        to.Write(task);
        return to.ToArray();
    }

    /// <summary>
    /// What Spark sent for functions over rows of <c>id, k, text</c> (<c>0, 0, "0"</c> to <c>4, 0, "4"</c>, k being id modulo 2): <c>partition</c> is a partition of five rows, <c>group</c> the groups of k,
    /// with batches of at most two rows.
    /// </summary>
    public static byte[] Rows(string kind, string version) => File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "UserFunctions", "Recorded", $"{kind}-{version}.bin"));

    /// <summary>The same with another function in place of the recorded one.</summary>
    public static byte[] Rows(string kind, string version, TableFunction function)
    {
        var task = Rows(kind, version).AsSpan();
        var command = FunctionCommand.Of(function);
        var start = task.IndexOf("{\"version\":"u8);
        var length = System.Buffers.Binary.BinaryPrimitives.ReadInt32BigEndian(task[(start - 4)..]);
        using var to = new MemoryStream();
        to.Write(task[..(start - 4)]);
        new WireWriter(to).Write(command.Length);
        to.Write(command);
        to.Write(task[(start + length)..]);
        return to.ToArray();
    }

    private static byte[] Command(Delegate function, string name) => FunctionCommand.Of(UserFunction.Of(function, new UdfOptions { Name = name }));
}
