using System.Collections.Immutable;
using System.IO.Enumeration;
using Pipeline.Engine.Types;

namespace Pipeline.Suite.Schemas.Contracts;

/// <summary>One column: what it is called in the source and in the table, how its text is read, and what must hold.</summary>
/// <param name="Name">Name in our tables, snake_case.</param>
/// <param name="SourceName">Name in the file or message, as it is written there.</param>
/// <param name="Rule">How the text is read; gives the type.</param>
/// <param name="Description">What it is, for docs and table comments.</param>
public sealed record ColumnContract(string Name, string SourceName, ParseRule Rule, string Description)
{
    /// <summary>Whether an empty text breaks the contract.</summary>
    public bool IsRequired { get; init; }

    /// <summary>Whether a file may lack the column altogether; it is null then.</summary>
    public bool IsOptional { get; init; }

    /// <summary>Whether its values are personal: shown as *** by the commands that look at rejected rows, unless asked.</summary>
    public bool IsMasked { get; init; }

    /// <summary>Unit as printed, such as <c>µeq/L</c>; null where the column has none.</summary>
    public string? Unit { get; init; }

    /// <summary>Type of the parsed column.</summary>
    public DataType Type => Rule.Type;
}

/// <summary>The columns of one file, message or table, its grain and key.</summary>
/// <param name="Name">Table name, snake_case.</param>
/// <param name="Grain">What one row is.</param>
/// <param name="Columns">The columns in order.</param>
public sealed record TableContract(string Name, string Grain, ImmutableArray<ColumnContract> Columns)
{
    /// <summary>Names (ours) of the columns that tell a row from all others. None: equal rows are different rows, and their table tells them apart by <c>row_id</c>, made from the place they came from.</summary>
    public ImmutableArray<string> Key { get; init; } = [];

    /// <summary>Whether a key that stands twice in one file is bad, equal or not: the first row is kept, the others break <c>repeated_key</c>. The table then has source_file, source_line and source_version.</summary>
    public bool RefusesRepeatedKeys { get; init; }

    /// <summary>Parsed columns with types; nullable where not required; units and descriptions in the metadata.</summary>
    public StructType Schema => new(Columns.Select(column => new StructField(column.Name, column.Type, !column.IsRequired)));

    /// <summary>The source's columns, all text and nullable, under the source's names.</summary>
    public StructType SourceSchema => new(Columns.Select(column => new StructField(column.SourceName, new StringType())));

    /// <summary>The column of this name (ours).</summary>
    /// <exception cref="ArgumentException">There is none; the message names those there are.</exception>
    public ColumnContract Column(string name) => Columns.FirstOrDefault(column => column.Name == name)
        ?? throw new ArgumentException($"Column '{name}' is not in the contract '{Name}'. It has: {string.Join(", ", Columns.Select(column => column.Name))}.", nameof(name));
}

/// <summary>How a file of a source is found and read.</summary>
/// <param name="Pattern">File name pattern without ending, such as <c>LTM_Data*</c>; <c>.csv</c> and <c>.xlsx</c> are looked for.</param>
/// <param name="Delimiter">Field separator of the CSV.</param>
/// <param name="Contract">Its columns.</param>
public sealed record SourceFile(string Pattern, char Delimiter, TableContract Contract)
{
    /// <summary>Whether a file of this name, without its ending, is one of the source's.</summary>
    public bool IsNamed(string stem) => FileSystemName.MatchesSimpleExpression(Pattern, stem);

    /// <summary>Whether each row's line is to be known when it is read as a file: such a file is read by the job's own process and not by the engine's workers, so that it must fit in memory.</summary>
    public bool KeepsLines { get; init; }

    /// <summary>For a reference: whether rows that break the contract go to quarantine and the rest is joined, instead of the run being refused.</summary>
    public bool QuarantinesBadRows { get; init; }

    /// <summary>The file's own rows where they are not the contract's: messages as they are sent (<see cref="MessageFiles"/>). Null where the file has the contract's columns.</summary>
    public TableContract? RowsInFile { get; init; }

    /// <summary>The columns that stand in the file.</summary>
    public TableContract InFile => RowsInFile ?? Contract;
}

/// <summary>One data set: its name, its topic, its files and tables.</summary>
/// <param name="Name">The name on the command line, such as <c>water-quality</c>.</param>
/// <param name="Title">What it is, in a line.</param>
/// <param name="Topic">Kafka topic.</param>
/// <param name="Partitions">Partitions of the topic when we create it.</param>
/// <param name="SchemaVersion">Version of the message's fields; sent in the header <c>schema-version</c>.</param>
/// <param name="Main">The file whose rows are the topic's messages.</param>
/// <param name="References">Files that the rows are joined with, by reference name.</param>
public sealed record DatasetContract(string Name, string Title, string Topic, int Partitions, int SchemaVersion, SourceFile Main, ImmutableDictionary<string, SourceFile> References)
{
    /// <summary>Source name of the column that is the message's key, or null for no key.</summary>
    public string? MessageKey { get; init; }

    /// <summary>What a message is, in a sentence, where it is not a JSON object of the source's columns; null where it is.</summary>
    public string? MessageForm { get; init; }

    /// <summary>The table that hdfs-enrich makes of the main one and its references, or null where there is none.</summary>
    public TableDescription? Enriched { get; init; }
}
