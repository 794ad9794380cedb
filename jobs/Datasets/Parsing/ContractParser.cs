using Pipeline.Engine.Sql;
using Pipeline.Suite.Schemas.Contracts;
using Pipeline.Suite.Schemas.Staging;
using static Pipeline.Engine.Sql.Functions;

namespace Pipeline.Jobs.Datasets.Parsing;

/// <summary>Typed rows from rows of text, by a table's contract, with every broken rule named.</summary>
public static class ContractParser
{
    /// <summary>Reads each field by its rule.</summary>
    /// <remarks>
    /// In: the contract's source columns as text, <see cref="StagedColumns.Provenance"/> and <see cref="StagedColumns.Format"/>.
    /// Out: one row a row: the contract's columns (typed; null where empty or broken), the provenance, and <see cref="StagedColumns.Broken"/>. Unordered.
    /// A value of another kind of JSON breaks <see cref="StagedColumns.WrongKindRule"/>; a field that is absent breaks <c>missing_field</c>; an empty one that must not be breaks <c>required</c>; text that no table may hold breaks <see cref="ValueLimits"/>' rules, other text that its rule does not take the rule's own name.
    /// </remarks>
    public static DataFrame Parse(DataFrame fields, TableContract contract)
    {
        string[] provenance = [.. StagedColumns.Provenance, .. fields.Columns().Contains(StagedColumns.Version) ? [StagedColumns.Version] : System.Array.Empty<string>()];
        var typed = fields.Select(
        [
            .. contract.Columns.Select(column => Typed(column).As(column.Name)),
            .. contract.Columns.Select(column => Col(column.SourceName).As(TextOf(column))),
            .. provenance.Select(name => Col(name)),
            Col(StagedColumns.Format),
        ]);
        return typed.Select(
        [
            .. contract.Columns.Select(column => Col(column.Name)),
            .. provenance.Select(name => Col(name)),
            Broken(contract).As(StagedColumns.Broken),
        ]);
    }

    private static string TextOf(ColumnContract column) => "_text_" + column.Name;

    private static Column Typed(ColumnContract column)
    {
        var text = Col(column.SourceName);
        return When(text != Lit(""), RuleExpressions.Parse(column.Rule, text));
    }

    /// <summary>The broken rules as an array of structs without gaps; built only for rows that break one.</summary>
    private static Column Broken(TableContract contract)
    {
        var none = Filter(Array(BrokenRule(null, Lit(null).Cast("string"), Lit(null).Cast("string"))), _ => Lit(false));
        var wholeRow = Array(BrokenRule(null, Col(StagedColumns.Format), Substring(Col(StagedColumns.Raw), 1, MessageReader.LongestValue)));
        var isBroken = contract.Columns.Select(IsBroken).Aggregate((left, right) => left | right);
        var perField = Filter(
            Array([.. contract.Columns.Select(column => BrokenRule(column.SourceName, RuleBrokenBy(column), Found(column)))]),
            broken => broken.GetField("rule").IsNotNull());
        return When(Col(StagedColumns.Format).IsNotNull(), wholeRow).When(isBroken, perField).Otherwise(none);
    }

    private static Column IsBroken(ColumnContract column)
    {
        var text = Col(TextOf(column));
        var isBad = (text != Lit("")) & Col(column.Name).IsNull();
        return column.IsRequired ? Col(column.Name).IsNull() : column.IsOptional ? text.IsNotNull() & isBad : text.IsNull() | isBad;
    }

    private static Column RuleBrokenBy(ColumnContract column)
    {
        var text = Col(TextOf(column));
        var rule = When(text.IsNull(), column.IsOptional ? Lit(null).Cast("string") : Lit("missing_field"));
        if (column.IsRequired) rule = rule.When(text == Lit(""), Lit("required"));
        rule = rule.When(text.StartsWith(StagedColumns.WrongKind), Lit(StagedColumns.WrongKindRule)).When(RuleExpressions.HasNul(text), Lit(ValueLimits.HasNul)).When(RuleExpressions.IsTooLong(text), Lit(ValueLimits.IsTooLong));
        return rule.When((text != Lit("")) & Col(column.Name).IsNull(), Lit(column.Rule.BrokenName));
    }

    /// <summary>The text that was found, as much as is kept of it.</summary>
    private static Column Found(ColumnContract column)
    {
        var text = Col(TextOf(column));
        return Substring(When(text.StartsWith(StagedColumns.WrongKind), Substring(text, StagedColumns.WrongKind.Length + 1, MessageReader.LongestValue)).Otherwise(text), 1, MessageReader.LongestValue);
    }

    private static Column BrokenRule(string? column, Column rule, Column value) =>
        Struct(Lit(column).Cast("string").As("column"), rule.As("rule"), value.As("value"));
}
