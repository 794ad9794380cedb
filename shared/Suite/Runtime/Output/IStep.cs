namespace Pipeline.Suite.Runtime.Output;

/// <summary>One step of a run that people can watch.</summary>
public interface IStep : IDisposable
{
    /// <summary>How far it is; thread-safe, cheap enough for each batch of rows, not for each row.</summary>
    void Report(long done);

    /// <summary>What it does now, such as <c>batch 3: 300 rows</c>: shown beside the bar on a terminal, elsewhere a line of its own, at most one a second. Thread-safe.</summary>
    void Note(string text);

    /// <summary>What came of it, such as <c>38,200 rows</c>; printed when the step is disposed.</summary>
    void Done(string summary);
}

/// <summary>Where steps are shown.</summary>
internal interface IProgressReporter
{
    IStep Start(string title, long? total);
}
