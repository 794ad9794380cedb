using CsCheck;
using NUnit.Framework;
using Pipeline.Tests.Support;

namespace Pipeline.Tests.Loading.Model;

/// <summary>Random sequences of what may happen to a lake; rows, outcomes and history are compared with a model after each step.</summary>
/// <remarks>A failure prints the shortest sequence that was found, and a seed: <c>CsCheck_Seed=…</c> in the environment runs it again.</remarks>
[Parallelizable(ParallelScope.All)]
public sealed class ModelTests
{
    /// <summary>Two at a time, as a sequence keeps one processor busy.</summary>
    private const int Parts = 2;

    [Test]
    public async Task A_lake_is_what_the_model_says_after_any_sequence_of_loads_deaths_restores_repairs_and_other_writers([Range(1, Parts)] int part) =>
        await Step.Sequences.SampleAsync(
            async static steps =>
            {
                using var run = new ModelRun();
                await run.DoAsync(steps);
            },
            iter: (Lane.IsFast ? 30 : Lane.Times(whole: 500, nightly: 10_000)) / Parts, threads: 1, print: steps => $"{part}: {string.Join(", ", steps.AsEnumerable())}");
}
