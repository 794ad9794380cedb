using System.Globalization;
using Pipeline.Engine.Sql;
using Pipeline.Suite.Schemas.Staging;
using static Pipeline.Engine.Sql.Functions;

namespace Pipeline.Suite.Loading;

/// <summary>What must be known of a batch of staged rows before its outcome is decided.</summary>
/// <param name="Read">Rows.</param>
/// <param name="Bad">Rows that break a rule.</param>
/// <param name="OffsetsFrom">First offset by topic and partition as JSON, or null for files.</param>
/// <param name="OffsetsUntil">Offset after the last by topic and partition as JSON, or null for files.</param>
internal sealed record BatchFacts(long Read, long Bad, string? OffsetsFrom, string? OffsetsUntil)
{
    /// <summary>The same by partition of a topic; none for files.</summary>
    public IReadOnlyList<PartFacts> Parts { get; init; } = [];

    public double BadShare => Read == 0 ? 0 : (double)Bad / Read;

    public static BatchFacts Of(DataFrame staged)
    {
        var parts = staged
            .Select(Col(StagedColumns.Topic), Col(StagedColumns.Partition), Col(StagedColumns.Offset), Size(Col(StagedColumns.Broken)).As("rules"))
            .GroupBy(StagedColumns.Topic, StagedColumns.Partition)
            .Agg(
                Count(Lit(1)).As("read"),
                Sum(When(Col("rules") > Lit(0), Lit(1L)).Otherwise(0L)).As("bad"),
                Min(Col(StagedColumns.Offset)).As("first"),
                Max(Col(StagedColumns.Offset)).As("last"))
            .Collect()
            .Select(row => (Topic: row.GetAs<string?>(0), Partition: row.GetAs<int?>(1), Read: row.GetAs<long>(2), Bad: row.GetAs<long>(3), First: row.GetAs<long?>(4), Last: row.GetAs<long?>(5)))
            .OrderBy(part => part.Topic, StringComparer.Ordinal).ThenBy(part => part.Partition)
            .ToList();
        return new BatchFacts(parts.Sum(part => part.Read), parts.Sum(part => part.Bad), Offsets(part => part.First), Offsets(part => part.Last + 1))
        {
            Parts = [.. parts.Where(static part => part.Partition is not null).Select(static part => new PartFacts(part.Partition!.Value, part.Bad, part.First!.Value, part.Last!.Value))],
        };

        string? Offsets(Func<(string? Topic, int? Partition, long Read, long Bad, long? First, long? Last), long?> of) =>
            parts.All(part => part.Topic is null)
                ? null
                : "{" + string.Join(',', parts.GroupBy(part => part.Topic).Select(topic =>
                    $"\"{topic.Key}\":{{{string.Join(',', topic.Select(part => string.Create(CultureInfo.InvariantCulture, $"\"{part.Partition}\":{of(part)}")))}}}")) + "}";
    }
}

/// <summary>What a batch has of a partition.</summary>
/// <param name="Partition">The partition.</param>
/// <param name="Bad">Rows that break a rule.</param>
/// <param name="First">First offset.</param>
/// <param name="Last">Last offset.</param>
internal sealed record PartFacts(int Partition, long Bad, long First, long Last);
