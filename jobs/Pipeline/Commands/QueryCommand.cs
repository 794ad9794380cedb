using System.Text;
using Pipeline.Engine.Sql;
using Pipeline.Engine.Sql.Engines;
using Pipeline.Engine.Storage;
using Pipeline.Engine.Types;
using Pipeline.Jobs.Outputs;
using Pipeline.Suite.Export.Files;
using Pipeline.Suite.Runtime.Errors;
using Pipeline.Suite.Runtime.Jobs;
using Pipeline.Suite.Runtime.Output;
using Pipeline.Suite.Runtime.Queries;
using Pipeline.Suite.Runtime.Settings;

namespace Pipeline.Jobs.Cli.Commands;

/// <summary><c>pipeline query "SQL"</c>: every table of the lake by name.</summary>
internal sealed class QueryCommand : IJob
{
    private const int FileBlock = 1 << 16;

    public string Name => "query";

    public string Purpose => "Answers SQL over the lake's tables, by name. Reads only: other statements are refused.";

    public IReadOnlyList<string> Examples =>
    [
        "pipeline query \"SELECT program_id, count(*) AS samples FROM water_samples GROUP BY 1 ORDER BY 2 DESC\"",
        "pipeline query \"SHOW TABLES\"",
        "pipeline query \"DESCRIBE water_measurements\"",
        "pipeline query \"SELECT * FROM water_samples_quarantine\" --to rejected.csv",
        "pipeline query -f trend.sql -o csv > trend.csv",
        "pipeline query \"SELECT count(*) FROM water_samples VERSION AS OF 3\"",
    ];

    public IReadOnlyList<JobOption> Options { get; } =
    [
        JobOption.Argument("sql", "One query, in DuckDB's SQL, or Spark's under a Spark master; - reads it from stdin. A table may be followed by VERSION AS OF n or TIMESTAMP AS OF '…'", isRequired: false),
        new("file", "Read the query from this file") { ShortName = "f", ValueName = "FILE" },
        new(CommonOptions.Output, "Form of the answer; json is one object a line, parquet needs --to", "table") { ShortName = "o", Choices = ["table", "csv", "json", "parquet"] },
        new("to", "Write the whole answer to this file and not to stdout; its form is that of the name's ending: .csv, .json (or .jsonl, .ndjson), .parquet") { ValueName = "FILE" },
        JobOption.Flag("expanded", "One line a column, for rows too wide for the screen; a terminal gets that by itself where a table does not fit") with { ShortName = "x" },
        JobOption.Flag("allow-files", "Let the query read files by path too: read_csv('…'), FROM 'x.parquet'"),
        OutputWriter.GuardOption,
        new("limit", "Rows of a table on the screen at most", "1000") { Kind = OptionKind.Integer, Min = 0, ValueName = "N" },
    ];

    public bool ChangesLake => false;

    public bool NeedsDataset => false;

    /// <summary>The form of the answer: that of the file's ending, else what --output says. A table is cut to the screen's width, and is not for a file.</summary>
    private static string FormOf(JobContext context)
    {
        var asked = context.Get(CommonOptions.Output);
        if (context.Find("to") is not { } path) return asked;
        var ofName = Path.GetExtension(path).ToLowerInvariant() switch
        {
            ".csv" => "csv",
            ".json" or ".jsonl" or ".ndjson" => "json",
            ".parquet" => "parquet",
            _ => null,
        };
        var isAsked = context.Settings.IsGiven(CommonOptions.Output);
        if (ofName is not null && isAsked && ofName != asked)
            throw new UsageException($"--to is '{path}', a {ofName} file by its ending, and --{CommonOptions.Output} is '{asked}'. Leave --{CommonOptions.Output} out, or give the file another name.");
        return ofName ?? (asked == "table"
            ? throw new UsageException($"The form of '{path}' is not known by its ending. Name it .csv, .json or .parquet, or give --{CommonOptions.Output} csv, json or parquet.")
            : asked);
    }

    /// <summary>A Parquet file is written by the engine itself, beside its place; every other form by this process.</summary>
    private static string[] FoldersToWrite(JobContext context, string form) => form == "parquet" && context.Find("to") is { } path ? [Path.GetDirectoryName(Path.GetFullPath(path))!] : [];

    public async Task<JobOutcome> RunAsync(JobContext context, CancellationToken cancellationToken)
    {
        var form = FormOf(context);
        if (form == "parquet" && context.Find("to") is null) throw new UsageException("Parquet is not for a terminal: give --to FILE.");
        var sql = await TextOfAsync(context, cancellationToken);
        var tables = await TableQuery.OpenAsync(context.Spark, context.Lake, cancellationToken);
        var answer = await tables.RunAsync(sql, context.GetFlag("allow-files"), context.OwnsEngine ? FoldersToWrite(context, form) : null, cancellationToken);
        try
        {
            return Answer(context, answer, form, cancellationToken);
        }
        catch (EngineException error) when (!context.Spark.Engine.Lost.IsCancellationRequested && Failure.Of(error).ExitCode == ExitCodes.Unexpected)
        {
            // What fails while a user's own text runs is its matter, or that of a file that it names.
            throw TableQuery.Failed(error);
        }
    }

    /// <summary>The query's text: the argument, the file of --file, or what comes on stdin.</summary>
    private static async Task<string> TextOfAsync(JobContext context, CancellationToken cancellationToken)
    {
        const string ways = "Give it as an argument, as a file with -f FILE, or on stdin with -.";
        var (given, file) = (context.Find("sql"), context.Find("file"));
        if (given is not null && file is not null) throw new UsageException($"There are two queries, the argument and the one of --file '{file}'. Give one of them.");
        if (file is not null)
        {
            try
            {
                return await File.ReadAllTextAsync(file, cancellationToken);
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                throw new UsageException($"The query's file '{file}' cannot be read: {error.Message.TrimEnd('.')}.", error);
            }
        }
        if (given is not (null or "-")) return given;
        if (given is null && context.IsInputTerminal) throw new UsageException($"There is no query. {ways}");
        var text = await context.Input.ReadToEndAsync(cancellationToken);
        return text.Length > 0 ? text : throw new UsageException($"There is no query. {ways}");
    }

    private static JobOutcome Answer(JobContext context, DataFrame answer, string form, CancellationToken cancellationToken)
    {
        if (context.Find("to") is not { } path)
        {
            context.Note($"({Counted.Of(Write(context.Output), "row")})");
            return JobOutcome.Done("Answered.");
        }
        if (form == "parquet")
        {
            ParquetFile.Write(path, answer, cancellationToken);
            context.Note($"Wrote '{path}'.");
        }
        else
        {
            var rows = 0L;
            AtomicFile.Write(path, stream =>
            {
                using var writer = new StreamWriter(stream, new UTF8Encoding(false), FileBlock, leaveOpen: true) { NewLine = "\n" };
                rows = Write(writer);
            });
            context.Note($"Wrote {Counted.Of(rows, "row")} to '{path}'.");
        }
        context.Outputs.Add(path);
        return JobOutcome.Done($"Wrote '{path}'.");

        long Write(TextWriter writer)
        {
            var rows = answer.ToLocalIterator(cancellationToken);
            var columns = answer.Schema();
            if (form == "csv") return CsvFile.Write(writer, columns, RowsAhead.Of(rows), guardsFormulas: context.GetFlag(OutputWriter.GuardOption.Name), cancellationToken: cancellationToken);
            if (form == "json") return RowWriter.JsonLines(writer, RowsAhead.Of(rows), cancellationToken);
            var limit = (int)context.GetInt("limit");
            return context.GetFlag("expanded") ? RowWriter.Records(writer, columns, rows.Take(limit)) : RowWriter.Table(writer, columns, rows, limit, width: context.Width);
        }
    }
}
