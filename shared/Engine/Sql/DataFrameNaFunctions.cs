using Pipeline.Engine.Sql.Plan;
using Pipeline.Engine.Types;

namespace Pipeline.Engine.Sql;

/// <summary>What to do about values that are not there: NULL, and NaN in columns of floating numbers.</summary>
public sealed class DataFrameNaFunctions
{
    private readonly DataFrame frame;

    internal DataFrameNaFunctions(DataFrame frame) => this.frame = frame;

    /// <summary>Without the rows where a column is not there.</summary>
    public DataFrame Drop() => Drop("any", [.. frame.Columns()]);

    /// <summary>Without the rows where <c>any</c> or <c>all</c> columns are not there.</summary>
    public DataFrame Drop(string how) => Drop(how, [.. frame.Columns()]);

    /// <summary>Without the rows where one of these columns is not there.</summary>
    public DataFrame Drop(params IEnumerable<string> columnNames) => Drop("any", columnNames);

    /// <summary>Without the rows where <c>any</c> or <c>all</c> of these columns are not there.</summary>
    public DataFrame Drop(string how, IEnumerable<string> columnNames)
    {
        var present = columnNames.Select(name => IsThere(frame.Col(name), Find(name).Type)).ToArray();
        if (present.Length == 0) return frame;
        return how.ToLowerInvariant() switch
        {
            "any" => frame.Filter(present.Aggregate((all, one) => all & one)),
            "all" => frame.Filter(present.Aggregate((all, one) => all | one)),
            _ => throw new ArgumentException($"Na().Drop knows 'any' and 'all', not '{how}'.", nameof(how)),
        };
    }

    /// <summary>The number in the number columns that have no value.</summary>
    public DataFrame Fill(double value) => Fill(value, []);

    /// <summary>The number in the number columns that have no value.</summary>
    public DataFrame Fill(long value) => Fill(value, []);

    /// <summary>The text in the text columns that have no value.</summary>
    public DataFrame Fill(string value) => Fill(value, []);

    /// <summary>The flag in the boolean columns that have no value.</summary>
    public DataFrame Fill(bool value) => Fill(value, []);

    /// <summary>The number in these columns.</summary>
    public DataFrame Fill(double value, IEnumerable<string> columnNames) => FillWith(value, columnNames, type => type is NumericType);

    /// <summary>The number in these columns.</summary>
    public DataFrame Fill(long value, IEnumerable<string> columnNames) => FillWith(value, columnNames, type => type is NumericType);

    /// <summary>The text in these columns.</summary>
    public DataFrame Fill(string value, IEnumerable<string> columnNames) => FillWith(value, columnNames, type => type is StringType);

    /// <summary>The flag in these columns.</summary>
    public DataFrame Fill(bool value, IEnumerable<string> columnNames) => FillWith(value, columnNames, type => type is BooleanType);

    /// <summary>A value a column.</summary>
    public DataFrame Fill(IDictionary<string, object> values)
    {
        ArgumentNullException.ThrowIfNull(values);
        return frame.WithColumns(values.Select(pair => KeyValuePair.Create(Find(pair.Key).Name, Filled(Find(pair.Key), pair.Value))));
    }

    private DataFrame FillWith(object value, IEnumerable<string> names, Func<DataType, bool> fits)
    {
        var chosen = names.Select(Find).ToArray();
        if (chosen.Length == 0) chosen = [.. frame.Root.Output];
        var filled = chosen.Where(column => fits(column.Type)).ToArray();
        return filled.Length == 0 ? frame : frame.WithColumns(filled.Select(column => KeyValuePair.Create(column.Name, Filled(column, value))));
    }

    private Column Filled(Plan.Attribute column, object value)
    {
        var there = frame.Col(column.Name);
        if (column.Type is DoubleType or FloatType) there = Functions.NullIf(there, column.Type is FloatType ? float.NaN : double.NaN);
        return Functions.Coalesce(there, Functions.Lit(value).Cast(column.Type));
    }

    private static Column IsThere(Column column, DataType type) => type is DoubleType or FloatType ? column.IsNotNull() & !column.IsNaN() : column.IsNotNull();

    private Plan.Attribute Find(string name) => Planner.PlainColumn(new NamedColumn(name), Scope.Of(frame.Root), "Na()");
}
