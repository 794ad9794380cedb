using Pipeline.Suite.Loading;
using Pipeline.Suite.Runtime.Results;
using Pipeline.Suite.Runtime.Settings;

namespace Pipeline.Suite.Runtime.Jobs;

/// <summary>Why rows of a run were rejected: rows by column and rule, over all its batches. Not thread-safe.</summary>
internal sealed class RejectionCounts
{
    private readonly Dictionary<(string? Column, string Rule), (long Count, string? Sample)> rules = [];

    /// <summary>Adds those of a batch.</summary>
    public void Add(IReadOnlyList<Rejection> batch)
    {
        foreach (var rejection in batch)
        {
            var so = rules.GetValueOrDefault((rejection.Column, rejection.Rule));
            rules[(rejection.Column, rejection.Rule)] = (so.Count + rejection.Count, so.Sample ?? (rejection.Sample is { } sample ? Secrets.Mask(sample) : null));
        }
    }

    /// <summary>As result.json has them: the most frequent first.</summary>
    public IReadOnlyList<RejectedRule> ToRules() =>
    [
        .. rules.Select(static entry => new RejectedRule(entry.Key.Column, entry.Key.Rule, entry.Value.Count, entry.Value.Sample))
            .OrderByDescending(static rule => rule.Count).ThenBy(static rule => rule.Column, StringComparer.Ordinal).ThenBy(static rule => rule.Rule, StringComparer.Ordinal),
    ];
}
