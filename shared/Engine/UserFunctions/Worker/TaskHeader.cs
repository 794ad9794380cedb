namespace Pipeline.Engine.UserFunctions.Worker;

/// <summary>What stands before a task's data: where it runs, its settings, and the functions.</summary>
/// <remarks>Source: Spark, <c>PythonRunner.scala</c> and <c>PythonUDFRunner.scala</c>, 3.5.7 and 4.1.1; the fields are read in their order.</remarks>
internal sealed record TaskHeader
{
    private const int End = -1;

    public required int Partition { get; init; }

    public required int Stage { get; init; }

    public required int Attempt { get; init; }

    public required int EvalType { get; init; }

    /// <summary>How the driver's Spark speaks.</summary>
    public required SparkDialect Dialect { get; init; }

    /// <summary>Spark's settings for the worker, such as <c>spark.sql.session.timeZone</c>.</summary>
    public required IReadOnlyDictionary<string, string> Conf { get; init; }

    public required IReadOnlyList<TaskFunction> Functions { get; init; }

    /// <summary>The next task's header; null where the worker is not wanted any more.</summary>
    /// <exception cref="ProtocolException">The bytes do not fit the dialect that they name.</exception>
    public static TaskHeader? Read(WireReader wire)
    {
        if (wire.ReadIntOrEnd() is not { } partition || partition == End) return null;
        var dialect = SparkDialect.OfWord(wire.ReadText());
        SkipBarrier(wire, dialect);
        var stage = wire.ReadInt();
        _ = wire.ReadInt();
        var attempt = wire.ReadInt();
        _ = wire.ReadLong();
        _ = wire.ReadInt();
        SkipResources(wire);
        _ = ReadPairs(wire, "the local properties");
        SkipFiles(wire);
        SkipBroadcasts(wire, dialect);
        var evalType = wire.ReadInt();
        if (!EvalTypes.IsKnown(evalType)) throw new ProtocolException($"The task is of the kind {evalType}, which this worker does not serve.");
        var conf = ReadPairs(wire, "the settings");
        var isProfiled = dialect.HasProfiler && wire.ReadBool();
        if (isProfiled) _ = wire.ReadText();
        var functions = new TaskFunction[wire.ReadCount("the functions")];
        for (var i = 0; i < functions.Length; i++) functions[i] = ReadFunction(wire, dialect.HasNamedArguments && evalType == EvalTypes.Scalar, isProfiled);
        return new TaskHeader { Partition = partition, Stage = stage, Attempt = attempt, EvalType = evalType, Dialect = dialect, Conf = conf, Functions = functions };
    }

    private static void SkipBarrier(WireReader wire, SparkDialect dialect)
    {
        var isBarrier = wire.ReadBool();
        if (isBarrier || dialect.AlwaysSendsBarrier) SkipAddress(wire, dialect);
    }

    /// <summary>A port and a secret, or the path of a socket.</summary>
    private static void SkipAddress(WireReader wire, SparkDialect dialect)
    {
        var port = wire.ReadInt();
        if (port < 0 && !dialect.HasUnixSockets) throw new ProtocolException($"A port is {port}.");
        _ = wire.ReadText();
    }

    private static void SkipResources(WireReader wire)
    {
        for (var left = wire.ReadCount("the resources"); left > 0; left--)
        {
            _ = wire.ReadText();
            _ = wire.ReadText();
            for (var addresses = wire.ReadCount("a resource's addresses"); addresses > 0; addresses--) _ = wire.ReadText();
        }
    }

    private static Dictionary<string, string> ReadPairs(WireReader wire, string what)
    {
        var pairs = new Dictionary<string, string>(StringComparer.Ordinal);
        for (var left = wire.ReadCount(what); left > 0; left--)
        {
            var key = wire.ReadText();
            pairs[key] = wire.ReadText();
        }
        return pairs;
    }

    private static void SkipFiles(WireReader wire)
    {
        _ = wire.ReadText();
        for (var left = wire.ReadCount("the files"); left > 0; left--) _ = wire.ReadText();
    }

    private static void SkipBroadcasts(WireReader wire, SparkDialect dialect)
    {
        var isDecrypted = wire.ReadBool();
        var count = wire.ReadCount("the broadcasts");
        if (isDecrypted) SkipAddress(wire, dialect);
        for (; count > 0; count--)
            if (wire.ReadLong() >= 0 && !isDecrypted) _ = wire.ReadText();
    }

    private static TaskFunction ReadFunction(WireReader wire, bool hasNames, bool isProfiled)
    {
        var columns = new int[wire.ReadCount("the arguments")];
        for (var i = 0; i < columns.Length; i++)
        {
            columns[i] = wire.ReadInt();
            if (hasNames && wire.ReadBool()) _ = wire.ReadText();
        }
        var commands = new byte[wire.ReadCount("the chain")][];
        for (var i = 0; i < commands.Length; i++) commands[i] = wire.ReadBytes();
        if (isProfiled) _ = wire.ReadLong();
        return new TaskFunction(columns, commands);
    }
}

/// <summary>One answer of a task: the first function takes the columns, each other one what the one before it answers.</summary>
/// <param name="Columns">Places of the arguments in the batch.</param>
/// <param name="Commands">The functions, innermost first.</param>
internal sealed record TaskFunction(int[] Columns, byte[][] Commands);
