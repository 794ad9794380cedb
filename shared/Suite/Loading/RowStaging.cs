using Pipeline.Engine.Sql;

namespace Pipeline.Suite.Loading;

/// <summary>How a data set's rows are staged: from Kafka's columns, and from a file's records.</summary>
/// <param name="Messages">From Kafka's columns (key, value, headers, topic, partition, offset, timestamp).</param>
/// <param name="Records">From the contract's source columns as text, a column with the text of corrupt records, <c>_file</c> and <c>_line</c>.</param>
public sealed record RowStaging(Func<DataFrame, DataFrame> Messages, Func<DataFrame, string, DataFrame> Records);
