using Pipeline.Suite.Runtime.Settings;

namespace Pipeline.Suite.Runtime.Jobs;

/// <summary>One job or command: what it is called, what it takes, and what it does. Created for each run; keeps no state between runs.</summary>
/// <remarks>A job throws what went wrong; <see cref="JobHost"/> alone turns it into a sentence, an exit code and result.json.</remarks>
public interface IJob
{
    /// <summary>Name on the command line and in result.json, such as <c>stream-ingest</c>; words separated by spaces are nested commands (<c>quarantine show</c>).</summary>
    string Name { get; }

    /// <summary>What it does, in one line, for <c>--help</c>.</summary>
    string Purpose { get; }

    /// <summary>Command lines to copy, the most usual first.</summary>
    IReadOnlyList<string> Examples { get; }

    /// <summary>Options of its own, beside the common ones (<see cref="CommonOptions"/>).</summary>
    IReadOnlyList<JobOption> Options { get; }

    /// <summary>Whether it changes the lake, so that it takes the run lock and leaves result.json in the lake. A command that only looks says false.</summary>
    bool ChangesLake => true;

    /// <summary>Whether it works on a lake with an engine. One that does not has no <c>--master</c>, <c>--lake</c> and <c>--versions-to</c>.</summary>
    bool UsesLake => true;

    /// <summary>Whether its result is printed at its end. A command that only looks prints what it found instead.</summary>
    bool HasSummary => ChangesLake;

    /// <summary>Its section in pipeline.yml and in the names of environment variables.</summary>
    string Section => Name.Replace(' ', '-');

    /// <summary>Whether it is about one data set, so that <c>--dataset</c> must name one and <see cref="JobContext.Dataset"/> is there.</summary>
    bool NeedsDataset => true;

    /// <summary>The data set where <c>--dataset</c> names none; null is none.</summary>
    string? DefaultDataset => null;

    /// <summary>Does the work.</summary>
    Task<JobOutcome> RunAsync(JobContext context, CancellationToken cancellationToken);
}
