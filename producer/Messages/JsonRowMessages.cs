using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Pipeline.Engine.Files;
using Pipeline.Suite.Schemas.Contracts;

namespace Pipeline.Producer.Messages;

/// <summary>Rows as JSON objects: the source's column names, each value the text as it is written.</summary>
/// <remarks>
/// An empty field is <c>""</c>. A field that the row lacks is left out, and those it has too many are an array under <c>_extra</c>, so that the reader downstream
/// can tell and quarantine the row. The key is the text of the contract's key column.
/// </remarks>
internal sealed class JsonRowMessages : RowMessages
{
    /// <summary>Where fields beyond the header's go.</summary>
    internal const string ExtraName = "_extra";

    private static readonly JsonEncodedText Extra = JsonEncodedText.Encode(ExtraName);

    // The messages are data on their way to a parser and never part of a page: µ and é stay as they are.
    private static readonly JsonWriterOptions Json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    private readonly JsonEncodedText[] _names;
    private readonly int _keyColumn;
    private readonly Utf8JsonWriter _writer = new(Stream.Null, Json);

    internal JsonRowMessages(IRowSource rows, DatasetContract dataset) : base(rows)
    {
        var names = HeaderCheck.Names(rows, dataset.Main.Contract, Warnings);
        _names = [.. names.Select(name => JsonEncodedText.Encode(name, JavaScriptEncoder.UnsafeRelaxedJsonEscaping))];
        _keyColumn = dataset.MessageKey is null ? -1 : names.IndexOf(dataset.MessageKey);
    }

    protected override void Write(MessageBuffer message)
    {
        if (_keyColumn >= 0 && _keyColumn < Rows.FieldCount)
            message.Key.Write(Rows.Field(_keyColumn));
        _writer.Reset(message.Value);
        _writer.WriteStartObject();
        var count = Math.Min(Rows.FieldCount, _names.Length);
        for (var i = 0; i < count; i++)
            _writer.WriteString(_names[i], Rows.Field(i));
        if (Rows.FieldCount > _names.Length)
            WriteExtra(message);
        else if (count < _names.Length)
            NoteShort(message);
        _writer.WriteEndObject();
        _writer.Flush();
    }

    public override void Dispose()
    {
        _writer.Dispose();
        base.Dispose();
    }

    // On its own: a lambda in Write would cost an object for every row.
    private void NoteShort(MessageBuffer message) => Warnings.AddShortRow(() => Place(message));

    private void WriteExtra(MessageBuffer message)
    {
        Warnings.AddLongRow(() => Place(message));
        _writer.WriteStartArray(Extra);
        for (var i = _names.Length; i < Rows.FieldCount; i++)
            _writer.WriteStringValue(Rows.Field(i));
        _writer.WriteEndArray();
    }
}
