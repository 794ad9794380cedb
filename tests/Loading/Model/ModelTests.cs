using CsCheck;
using NUnit.Framework;
using Pipeline.Tests.Support;

namespace Pipeline.Tests.Loading.Model;

/// <summary>Random sequences of what may happen to a lake; rows, outcomes and history are compared with a model after each step.</summary>
/// <remarks>A failure prints the shortest sequence that was found, and a seed: <c>CsCheck_Seed=…</c> in the environment runs it again.</remarks>
public sealed class ModelTests
{
    [Test]
    public async Task A_lake_is_what_the_model_says_after_any_sequence_of_loads_deaths_restores_repairs_and_other_writers() =>
        await Step.Sequences.SampleAsync(
            async static steps =>
            {
                using var run = new ModelRun();
                await run.DoAsync(steps);
            },
            iter: Lane.IsFast ? 30 : Lane.Times(whole: 80, nightly: 10_000), threads: 1, print: static steps => string.Join(", ", steps.AsEnumerable()));
}
