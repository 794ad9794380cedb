using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Pipeline.Engine.Sql;
using Pipeline.Suite.Loading;
using Pipeline.Suite.Runtime.Jobs;
using Pipeline.Suite.Schemas.Contracts;

namespace Pipeline.Jobs.Cli.Commands;

/// <summary>Hides the values of a contract's masked columns in rows of quarantine, wherever they stand: in the text as it came, in the rules that it broke, in its key.</summary>
/// <remarks>A text that is no JSON object cannot be told apart into columns: it is hidden whole.</remarks>
internal sealed class QuarantineMask
{
    public const string Option = "unmasked";
    private const string Hidden = "***";
    private static readonly JsonSerializerOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private readonly Dictionary<string, (HashSet<string> Columns, bool IsKeyMasked)> tables = new(StringComparer.Ordinal);

    public QuarantineMask(IEnumerable<DatasetContract> datasets)
    {
        foreach (var dataset in datasets)
        {
            var masked = dataset.Main.Contract.Columns.Where(static column => column.IsMasked).Select(static column => column.SourceName).ToHashSet(StringComparer.Ordinal);
            if (masked.Count > 0) tables[dataset.Main.Contract.Name] = (masked, dataset.MessageKey is { } key && masked.Contains(key));
        }
    }

    public static JobOption Flag { get; } = JobOption.Flag(Option, "Show the values of masked columns");

    /// <summary>Rows as a command may show them: masked, unless --unmasked was given.</summary>
    public static IEnumerable<Row> Shown(JobContext context, IEnumerable<Row> rows) => context.GetFlag(Option) ? rows : rows.Select(new QuarantineMask(Suite.Schemas.Datasets.All).Apply);

    /// <summary>A row of quarantine as it may be shown.</summary>
    /// <param name="row">A row with any of the columns of <see cref="Quarantine.Schema"/>, table_name (or table) among them.</param>
    public Row Apply(Row row)
    {
        var names = row.Schema.FieldNames.ToList();
        var table = names.IndexOf("table_name") is >= 0 and var at ? at : names.IndexOf("table");
        if (table < 0 || row.Values[table] is not string name || !tables.TryGetValue(name, out var masked)) return row;
        return new Row(row.Schema, [.. names.Select((column, i) => (column, row.Values[i]) switch
        {
            (_, null) => null,
            ("raw_text" or "fixed_text", string text) => Text(text, masked.Columns),
            ("fixes", string fixes) => FixHistory.Hide(fixes, text => Text(text, masked.Columns)),
            ("raw_base64", _) => Hidden,
            ("message_key", _) when masked.IsKeyMasked => Hidden,
            (Quarantine.RulesBroken, IEnumerable<object?> rules) => rules.Select(rule => rule is Row broken ? Rule(broken, masked.Columns) : rule).ToArray(),
            var (_, value) => value,
        })]);
    }

    private static string Text(string text, HashSet<string> columns)
    {
        try
        {
            if (JsonNode.Parse(text) is not JsonObject json) return Hidden;
            foreach (var column in columns)
                if (json.ContainsKey(column)) json[column] = Hidden;
            return json.ToJsonString(Plain);
        }
        catch (JsonException)
        {
            return Hidden;
        }
    }

    /// <summary>A broken rule: its value is the column's, or, of the row as a whole, the text's beginning.</summary>
    private static Row Rule(Row rule, HashSet<string> columns)
    {
        var column = rule.Values[0] as string;
        return rule.Values[2] is null || (column is not null && !columns.Contains(column)) ? rule : new Row(rule.Schema, [rule.Values[0], rule.Values[1], Hidden]);
    }
}
