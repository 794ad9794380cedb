using CsCheck;

namespace Pipeline.Tests.Loading.Model;

/// <summary>What may happen to a lake.</summary>
internal enum StepKind
{
    Stream,
    File,
    StreamDies,
    FileDies,
    Fix,
    Replay,
    ReplayDies,
    Discard,
    Restore,
    ReplayMissing,
    LoseTable,
    Optimize,
    Vacuum,
    SecondWriter,
    OldNumber,
    OldNumberOtherContent,
    NewCheckpoint,
    Send,
    Ingest,
    CopyCheckpoint,
    PutBackCheckpoint,
    TopicRecreated,
}

/// <summary>One thing that happens, with the numbers by which its rows, its version and its variant are chosen.</summary>
internal sealed record Step(StepKind Kind, IReadOnlyList<Thing> Rows, int Choice)
{
    private static readonly string[] Ids = ["a", "b", "c", "d"];
    private static readonly string[] Values = ["1", "2", "x"];
    private static readonly Gen<Thing> Row = Gen.Select(Gen.Int[0, Ids.Length - 1], Gen.Int[0, Values.Length - 1], static (id, value) => new Thing(Ids[id], Values[value]));

    /// <summary>Batches come more often than accidents.</summary>
    private static readonly Gen<StepKind> AnyKind = Gen.Frequency(
        (6, Gen.Const(StepKind.Stream)),
        (3, Gen.Const(StepKind.File)),
        (3, Gen.Const(StepKind.Fix)),
        (3, Gen.Const(StepKind.Replay)),
        (3, Gen.Const(StepKind.Restore)),
        (2, Gen.Const(StepKind.PutBackCheckpoint)),
        (8, Gen.Int[0, (int)StepKind.TopicRecreated].Select(static kind => (StepKind)kind)));

    public static Gen<Step[]> Sequences { get; } = Gen.Select(AnyKind, Row.Array[1, 4], Gen.Int[0, 11], static (kind, rows, choice) => new Step(kind, rows, choice)).Array[3, 12];

    public override string ToString() => $"{Kind}({string.Join(' ', Rows)}; {Choice})";
}
