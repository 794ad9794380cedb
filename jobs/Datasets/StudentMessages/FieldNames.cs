using Pipeline.Engine.Sql;
using static Pipeline.Engine.Sql.Functions;
using Contract = Pipeline.Suite.Schemas.StudentMessages;

namespace Pipeline.Jobs.Datasets.StudentMessages;

/// <summary>Names and fields of study compared without regard to case, accents and what parts words.</summary>
internal static class FieldNames
{
    private const string Accented = "àáâãäåçèéêëìíîïñòóôõöøùúûüýÿ";
    private const string Plain = "aaaaaaceeeeiiiinoooooouuuuyy";

    /// <summary>In small letters, without accents (combining ones too), blanks, underscores, hyphens, points.</summary>
    public static Column Folded(Column text) =>
        Translate(RegexpReplace(Lower(text), "[\\s\\x{00A0}_.\\x{0300}-\\x{036F}-]", ""), Accented, Plain);

    /// <summary>The column that a name stands for, by its source name; the empty text where it is not known.</summary>
    public static Column Known(Column name)
    {
        var synonyms = Contract.Students.Columns.SelectMany(column => Contract.Synonyms[column.SourceName].Select(synonym => (Synonym: synonym, column.SourceName))).ToList();
        var place = ArrayPosition(Array([.. synonyms.Select(synonym => Lit(synonym.Synonym))]), Folded(name)).Cast("int");
        return Coalesce(Array([.. synonyms.Select(synonym => Lit(synonym.SourceName))]).GetItem(place - 1), Lit(""));
    }

    /// <summary>A known field of study in its usual spelling; another as it is written.</summary>
    public static Column Field(Column text)
    {
        // One lookup in a list and one by place: a branch a field would spell the folding thirteen times.
        var place = ArrayPosition(Array([.. Contract.KnownFields.Select(known => Lit(FoldedText(known)))]), Folded(text)).Cast("int");
        var spellings = Array([.. Contract.KnownFields.Select(known => Lit(known))]);
        return Coalesce(spellings.GetItem(place - 1), text);
    }

    /// <summary>Whether the text is a known field of study.</summary>
    public static Column IsKnownField(Column text) => Folded(text).IsIn([.. Contract.KnownFields.Select(FoldedText)]);

    /// <summary>As <see cref="Folded"/>, of a text that is known when the query is built.</summary>
    private static string FoldedText(string text) =>
        string.Concat(text.ToLowerInvariant().Where(static letter => !char.IsWhiteSpace(letter) && letter is not ('_' or '-' or '.')).Select(static letter => Accented.IndexOf(letter, StringComparison.Ordinal) is >= 0 and var place ? Plain[place] : letter));
}
