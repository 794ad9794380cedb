using System.Buffers;

namespace Pipeline.Engine.Spark.Gateway.Wire;

/// <summary>The messages that we send, a method each: parts on lines, ended by <c>e</c>.</summary>
/// <remarks>Source: Py4J 0.10.9, package <c>py4j.commands</c>.</remarks>
internal static class Commands
{
    /// <summary>Object id of the gateway itself.</summary>
    public const string GatewayServer = "GATEWAY_SERVER";

    /// <summary>First on each connection: <c>A</c>, the secret. It has no end.</summary>
    public static void Authenticate(IBufferWriter<byte> to, GatewaySecret secret)
    {
        to.Write("A\n"u8);
        to.Write(secret.Utf8);
        to.Write("\n"u8);
    }

    /// <summary>Calls a method of an object: <c>c</c>, id, method, arguments.</summary>
    public static void Call(IBufferWriter<byte> to, string target, string method, ReadOnlySpan<object?> arguments)
    {
        to.Write("c\n"u8);
        Line(to, target);
        Line(to, method);
        Arguments(to, arguments);
    }

    /// <summary>Calls a static method: <c>c</c>, <c>z:</c> and the class, method, arguments.</summary>
    public static void CallStatic(IBufferWriter<byte> to, string className, string method, ReadOnlySpan<object?> arguments)
    {
        to.Write("c\nz:"u8);
        Line(to, className);
        Line(to, method);
        Arguments(to, arguments);
    }

    /// <summary>Constructs: <c>i</c>, class, arguments.</summary>
    public static void Construct(IBufferWriter<byte> to, string className, ReadOnlySpan<object?> arguments)
    {
        to.Write("i\n"u8);
        Line(to, className);
        Arguments(to, arguments);
    }

    /// <summary>Reads a static member: <c>r</c>, <c>m</c>, class, member.</summary>
    public static void StaticMember(IBufferWriter<byte> to, string className, string member)
    {
        to.Write("r\nm\n"u8);
        Line(to, className);
        Line(to, member);
        to.Write("e\n"u8);
    }

    /// <summary>Asks what a full name is, a class or a package: <c>r</c>, <c>u</c>, name, the id of the gateway's default view.</summary>
    public static void WhatIs(IBufferWriter<byte> to, string name)
    {
        to.Write("r\nu\n"u8);
        Line(to, name);
        to.Write("rj\ne\n"u8);
    }

    /// <summary>New array: <c>a</c>, <c>c</c>, element's class, length.</summary>
    public static void NewArray(IBufferWriter<byte> to, string elementClass, int length)
    {
        to.Write("a\nc\n"u8);
        WireValue.Write(to, elementClass);
        WireValue.Write(to, length);
        to.Write("e\n"u8);
    }

    /// <summary>Sets an array's element: <c>a</c>, <c>s</c>, array, index, value.</summary>
    public static void SetElement(IBufferWriter<byte> to, string array, int index, object? value)
    {
        to.Write("a\ns\n"u8);
        Line(to, array);
        WireValue.Write(to, index);
        WireValue.Write(to, value);
        to.Write("e\n"u8);
    }

    /// <summary>Reads an array's element: <c>a</c>, <c>g</c>, array, index.</summary>
    public static void GetElement(IBufferWriter<byte> to, string array, int index)
    {
        to.Write("a\ng\n"u8);
        Line(to, array);
        WireValue.Write(to, index);
        to.Write("e\n"u8);
    }

    /// <summary>Reads an array's length: <c>a</c>, <c>e</c>, array.</summary>
    public static void ArrayLength(IBufferWriter<byte> to, string array)
    {
        to.Write("a\ne\n"u8);
        Line(to, array);
        to.Write("e\n"u8);
    }

    /// <summary>Forgets a reference: <c>m</c>, <c>d</c>, id.</summary>
    public static void Forget(IBufferWriter<byte> to, string id)
    {
        to.Write("m\nd\n"u8);
        Line(to, id);
        to.Write("e\n"u8);
    }

    /// <summary>A throwable's text with its stack trace: <c>p</c>, the reference.</summary>
    public static void StackTrace(IBufferWriter<byte> to, string id)
    {
        to.Write("p\nr"u8);
        Line(to, id);
        to.Write("e\n"u8);
    }

    private static void Line(IBufferWriter<byte> to, string text)
    {
        WireValue.WriteText(to, text);
        to.Write("\n"u8);
    }

    private static void Arguments(IBufferWriter<byte> to, ReadOnlySpan<object?> arguments)
    {
        foreach (var argument in arguments) WireValue.Write(to, argument);
        to.Write("e\n"u8);
    }
}
