namespace Pipeline.Engine.Spark.Gateway.Wire;

/// <summary>How a command ended.</summary>
internal enum AnswerKind
{
    /// <summary><c>!y</c>: the call returned.</summary>
    Returned,

    /// <summary><c>!x</c>: the call threw; the value is the throwable, or a text for the gateway's own errors.</summary>
    Threw,
}

/// <summary>The one line that answers a command.</summary>
/// <param name="Kind">Whether the call returned or threw.</param>
/// <param name="Value">The value, or the throwable.</param>
internal readonly record struct Answer(AnswerKind Kind, object? Value)
{
    /// <summary>Reads an answer from its line without the end.</summary>
    /// <exception cref="FormatException">The line is not an answer, or is the gateway's <c>!z</c>: it did not understand us.</exception>
    public static Answer Read(ReadOnlySpan<byte> line)
    {
        if (line.StartsWith("!y"u8)) return new(AnswerKind.Returned, ReadReturned(line[2..]));
        if (line.StartsWith("!x"u8)) return new(AnswerKind.Threw, WireValue.Read(line[2..]));
        if (line.StartsWith("!z"u8)) throw new FormatException($"The gateway did not understand the command: {WireValue.Shorten(line[2..])}");
        throw new FormatException($"The line '{WireValue.Shorten(line)}' is not an answer of the gateway.");
    }

    /// <summary>Kinds of names, which only <see cref="Commands.WhatIs"/> and <see cref="Commands.StaticMember"/> are answered with: <c>c</c> class, <c>p</c> package, <c>m</c> method.</summary>
    private static object? ReadReturned(ReadOnlySpan<byte> value) =>
        value.Length > 0 && value[0] is (byte)'c' or (byte)'p' or (byte)'m' ? new WireName((char)value[0]) : WireValue.Read(value);
}

/// <summary>What a full name stands for in the JVM.</summary>
/// <param name="Kind"><c>c</c> a class, <c>p</c> a package (or nothing), <c>m</c> a method.</param>
internal readonly record struct WireName(char Kind);
