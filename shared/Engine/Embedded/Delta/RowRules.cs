using System.Text.Json;
using Pipeline.Engine.Delta;
using Pipeline.Engine.Embedded.Session;
using Pipeline.Engine.Sql.Delta;
using Pipeline.Engine.Sql.Dialects;
using Pipeline.Engine.Sql.Engines;
using Pipeline.Engine.Types;

namespace Pipeline.Engine.Embedded.Delta;

/// <summary>What a table asks of new rows beyond types and nulls: CHECK constraints, invariants of its columns, and columns that are generated from others.</summary>
/// <remarks>
/// The rules are expressions in Spark's SQL. One that is not understood is refused by its name before anything is written. As in Spark, a condition that is null for a row is broken by the row.
/// Source: Delta transaction log protocol, "CHECK Constraints", "Column Invariants", "Generated Columns".
/// </remarks>
internal sealed class RowRules
{
    private const string ConstraintKey = "delta.constraints.";
    private const string InvariantKey = "delta.invariants";
    private const string GenerationKey = "delta.generationExpression";
    private static readonly DuckDbDialect Dialect = new();
    private readonly string table;
    private readonly List<(string What, string Condition)> conditions = [];
    private readonly List<(StructField Column, string Value)> generated = [];

    private RowRules(string table) => this.table = table;

    /// <summary>No rules, for rows that the table has already.</summary>
    public static RowRules None { get; } = new("");

    /// <summary>The rules of the table as a transaction leaves it; the transaction then takes new rows, which must go through <see cref="Applied"/>.</summary>
    /// <exception cref="EngineException">A rule is not understood.</exception>
    public static RowRules Of(string table, Transaction transaction)
    {
        var rules = new RowRules(table);
        var schema = transaction.Schema;
        if (transaction.ChecksConstraints)
        {
            foreach (var (key, text) in transaction.Properties)
                if (key.StartsWith(ConstraintKey, StringComparison.Ordinal)) rules.Add($"checkConstraints ({key[ConstraintKey.Length..]})", $"CHECK constraint {key[ConstraintKey.Length..]} ({text})", text, schema);
        }

        foreach (var field in schema)
        {
            if (field.Metadata.GetValueOrDefault(InvariantKey) is { } invariant)
                rules.Add($"invariants (column '{field.Name}')", $"invariant of column '{field.Name}'", InvariantText(Text(invariant)), schema);
            if (field.Metadata.GetValueOrDefault(GenerationKey) is { } generation) rules.Generate(field, Text(generation), schema);
        }

        transaction.RowsMeetRules = true;
        return rules;
    }

    /// <summary>Whether the column's values are made from those of other columns.</summary>
    public bool IsGenerated(StructField field) => generated.Exists(entry => entry.Column.Name == field.Name);

    /// <summary>The rows of a query with values for generated columns that the rows lack; the first row that breaks a rule ends it with an error.</summary>
    /// <param name="sql">Rows with all of the table's columns by name, and perhaps more.</param>
    /// <param name="isGiven">Whether the rows have values of their own for a column.</param>
    /// <param name="isNew">As SQL, whether a row is new or changed; null where all are.</param>
    public string Applied(string sql, Func<StructField, bool> isGiven, string? isNew = null)
    {
        var made = generated.Where(entry => !isGiven(entry.Column)).ToList();
        if (made.Count > 0)
        {
            var values = made.Select(entry => $"{(isNew is null ? entry.Value : $"CASE WHEN {isNew} THEN {entry.Value} ELSE {DuckDbTypes.Quote(entry.Column.Name)} END")} AS {DuckDbTypes.Quote(entry.Column.Name)}");
            sql = $"SELECT * REPLACE ({string.Join(", ", values)}) FROM ({sql})";
        }

        var compared = generated.Except(made).Select(static entry => (What: $"the expression of the generated column '{entry.Column.Name}'", Condition: $"{DuckDbTypes.Quote(entry.Column.Name)} IS NOT DISTINCT FROM ({entry.Value})"));
        var checks = conditions.Concat(compared).Select(check => $"WHEN ({check.Condition}) IS NOT TRUE THEN CAST(error({DuckDbTypes.Literal(DuckDbError.Carry(Broken(check.What)))}) AS BOOLEAN)").ToList();
        if (checks.Count == 0) return sql;
        return $"SELECT * FROM ({sql}) WHERE CASE {(isNew is null ? "" : $"WHEN ({isNew}) IS NOT TRUE THEN true ")}{string.Join(' ', checks)} ELSE true END";
    }

    private void Add(string feature, string what, string? text, StructType schema)
    {
        try
        {
            conditions.Add((what, TableExpression.Condition(text ?? "", schema, Dialect)));
        }
        catch (ArgumentException error)
        {
            throw NotUnderstood(feature, error);
        }
    }

    private void Generate(StructField field, string? generation, StructType schema)
    {
        try
        {
            generated.Add((field, TableExpression.Value(generation ?? "", field.DataType, schema, Dialect)));
        }
        catch (ArgumentException error)
        {
            throw NotUnderstood($"generatedColumns (column '{field.Name}')", error);
        }
    }

    /// <summary>A column's metadata that is a text; null where it is something else.</summary>
    private static string? Text(string json)
    {
        try
        {
            return JsonSerializer.Deserialize<string>(json);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>The condition of <c>{"expression":{"expression":"id &gt; 0"}}</c>, or null where it has none.</summary>
    private static string? InvariantText(string? invariant)
    {
        try
        {
            using var json = JsonDocument.Parse(invariant ?? "");
            return json.RootElement.GetProperty("expression").GetProperty("expression").GetString();
        }
        catch (Exception error) when (error is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return null;
        }
    }

    private EngineException NotUnderstood(string feature, ArgumentException error) =>
        EngineErrors.Translate(new DeltaException(DeltaErrorKind.UnsupportedFeature, $"Cannot write the table '{table}': the table uses {feature}, which cannot be checked here: {error.Message} Use Spark's Delta for it.", error));

    private EngineException Broken(string what) =>
        new($"Cannot write to the Delta table '{table}': a row breaks the {what}. Leave such rows out, or correct them.") { ErrorClass = "DELTA_VIOLATE_CONSTRAINT_WITH_VALUES", SqlState = "23001" };
}
