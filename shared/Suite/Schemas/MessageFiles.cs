using Pipeline.Suite.Schemas.Contracts;

namespace Pipeline.Suite.Schemas;

/// <summary>Files of messages as they are sent, for data sets whose messages are not rows of columns.</summary>
public static class MessageFiles
{
    /// <summary>Column of the message's text.</summary>
    public const string Message = "message";

    /// <summary>Column of the encoding in which it is sent: utf-8 (or empty) or latin-1.</summary>
    public const string Encoding = "encoding";

    /// <summary>The file's rows.</summary>
    public static TableContract Rows { get; } = new("messages", "one message", [
        new(Encoding, Encoding, new PatternRule("utf-8|latin-1", "not_an_encoding", "utf-8 or latin-1"), "Encoding in which the message is sent; UTF-8 where empty"),
        new(Message, Message, new TextRule(), "The message as it is, line breaks and all"),
    ]);
}
