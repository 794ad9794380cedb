using Pipeline.Engine.Sql;
using Pipeline.Suite.Schemas;
using Pipeline.Suite.Schemas.Staging;
using static Pipeline.Engine.Sql.Functions;

namespace Pipeline.Jobs.Datasets.Parsing;

/// <summary>Messages as text, for data sets that read their messages in a way of their own.</summary>
public static class MessageTexts
{
    /// <summary>Kafka's messages as text.</summary>
    /// <remarks>Out: one row a message: <see cref="StagedColumns.Provenance"/> and <see cref="StagedColumns.Format"/> (<c>null_value</c>, <c>not_utf8</c>, or null). Unordered.</remarks>
    /// <param name="messages">Spark's Kafka columns.</param>
    /// <param name="orLatin1">Whether bytes that are not UTF-8 are read as Latin-1; they are kept as bytes too.</param>
    public static DataFrame FromKafka(DataFrame messages, bool orLatin1)
    {
        var utf8 = Col(StagedColumns.Raw);
        var value = Col(MessageReader.Value);
        return MessageReader.Decode(messages).Select(
        [
            (orLatin1 ? Coalesce(utf8, Decode(value, "ISO-8859-1")) : utf8).As(StagedColumns.Raw),
            When(utf8.IsNull(), Base64(value)).As(StagedColumns.RawBase64),
            .. StagedColumns.Provenance.Skip(2).Select(name => Col(name)),
            (orLatin1 ? When(value.IsNull(), Lit("null_value")) : When(value.IsNull(), Lit("null_value")).When(utf8.IsNull(), Lit("not_utf8"))).As(StagedColumns.Format),
        ]);
    }

    /// <summary>Messages of a file (<see cref="MessageFiles"/>); they are text already, whatever encoding they would be sent in.</summary>
    /// <remarks>Out: as <see cref="FromKafka"/>; the format is <c>wrong_field_count</c> where the record's number of fields is off.</remarks>
    public static DataFrame FromRecords(DataFrame records, string corruptColumn)
    {
        var corrupt = Col(corruptColumn);
        return records.Select(
        [
            Coalesce(corrupt, Col(MessageFiles.Message), Lit("")).As(StagedColumns.Raw),
            .. MessageReader.FileProvenance(),
            When(corrupt.IsNotNull(), Lit("wrong_field_count")).As(StagedColumns.Format),
        ]);
    }
}
