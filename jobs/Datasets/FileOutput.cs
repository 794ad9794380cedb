using Pipeline.Engine.Sql;

namespace Pipeline.Jobs.Datasets;

/// <summary>A file for people and other programs: what is in it, not how it is written. jobs/Outputs writes it, whole and atomically.</summary>
/// <param name="Name">The file's name, with its ending; a path of names separated by '/' puts it in a folder.</param>
public abstract record FileOutput(string Name);

/// <summary>A CSV file: UTF-8, comma, LF, a header with exactly the columns' names.</summary>
/// <param name="Name">The file's name.</param>
/// <param name="Rows">Its rows, in an order that is total, so that the same rows make the same bytes.</param>
public sealed record CsvOutput(string Name, DataFrame Rows) : FileOutput(Name);

/// <summary>One Parquet file, written by the engine.</summary>
/// <param name="Name">The file's name.</param>
/// <param name="Rows">Its rows, ordered.</param>
public sealed record ParquetOutput(string Name, DataFrame Rows) : FileOutput(Name);

/// <summary>A SQLite database that holds these tables and keeps no others of theirs.</summary>
/// <param name="Name">The file's name.</param>
/// <param name="Tables">Its tables, under their own names.</param>
public sealed record SqliteOutput(string Name, IReadOnlyList<MetricTable> Tables) : FileOutput(Name);

/// <summary>A picture, or any other file whose bytes are a function of rows.</summary>
/// <param name="Name">The file's name, whose ending tells the format: <c>.png</c>, <c>.svg</c>.</param>
/// <param name="Rows">What it is drawn from, ordered; small, for it is collected.</param>
/// <param name="Draw">The file's bytes: a pure function, such as one of shared/Suite/Reports.</param>
public sealed record DrawnOutput(string Name, DataFrame Rows, Func<IReadOnlyList<Row>, byte[]> Draw) : FileOutput(Name);
