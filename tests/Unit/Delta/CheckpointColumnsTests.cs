using FluentAssertions;
using NUnit.Framework;
using Pipeline.Engine.Delta;

namespace Pipeline.Tests.Unit.Delta;

public class CheckpointColumnsTests
{
    [TestCase("VARCHAR", "")]
    [TestCase("STRUCT(path VARCHAR)", "path")]
    [TestCase("STRUCT(path VARCHAR, partitionValues MAP(VARCHAR, VARCHAR), size BIGINT)", "path partitionValues size")]
    [TestCase("STRUCT(stats_parsed STRUCT(numRecords BIGINT, minValues STRUCT(tags VARCHAR, \"size, (b\" BIGINT)), \"offset\" INTEGER)", "stats_parsed offset")]
    [TestCase("STRUCT(\"a b\" VARCHAR)[]", "")]
    [TestCase("STRUCT(\"a b\" VARCHAR, c DECIMAL(18,3), d VARCHAR[])", "a b|c|d")]
    public void Fields_are_those_of_the_outer_struct(string type, string names) =>
        CheckpointColumns.FieldsOf(type).Should().BeEquivalentTo(names.Split(names.Contains('|', StringComparison.Ordinal) ? '|' : ' ', StringSplitOptions.RemoveEmptyEntries));
}
