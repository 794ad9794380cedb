using System.Buffers;
using Pipeline.Engine.Spark.Gateway.Wire;

namespace Pipeline.Engine.Spark.Gateway;

/// <summary>One operation on the JVM: a leased connection, and the objects made in it, released at its end. One thread at a time.</summary>
internal sealed class JvmScope : IDisposable
{
    private readonly GatewayConnection connection;
    private readonly List<JvmObject> owned = [];
    private bool disposed;

    internal JvmScope(JvmGateway gateway, GatewayConnection connection)
    {
        Gateway = gateway;
        this.connection = connection;
    }

    /// <summary>The gateway that it is of.</summary>
    public JvmGateway Gateway { get; }

    /// <summary>Whether its connection takes another call.</summary>
    public bool IsUsable => connection.State == ConnectionState.Ready;

    /// <summary>Calls a method of an object.</summary>
    /// <exception cref="JvmException">It threw.</exception>
    /// <exception cref="GatewayException">The JVM or the connection has gone.</exception>
    public object? Call(JvmObject target, string method, params ReadOnlySpan<object?> arguments)
    {
        Commands.Call(Begin(), target.Id, method, arguments);
        return Take(method);
    }

    /// <summary>Calls a method that answers with an object.</summary>
    public JvmObject Object(JvmObject target, string method, params ReadOnlySpan<object?> arguments) => Expect<JvmObject>(Call(target, method, arguments), method);

    /// <summary>Calls a method that answers with text, never null.</summary>
    public string Text(JvmObject target, string method, params ReadOnlySpan<object?> arguments) => Expect<string>(Call(target, method, arguments), method);

    /// <summary>Calls a method that answers with true or false.</summary>
    public bool Flag(JvmObject target, string method, params ReadOnlySpan<object?> arguments) => Expect<bool>(Call(target, method, arguments), method);

    /// <summary>Calls a static method.</summary>
    public object? Static(string className, string method, params ReadOnlySpan<object?> arguments)
    {
        Commands.CallStatic(Begin(), className, method, arguments);
        return Take(method);
    }

    /// <summary>Calls a static method that answers with an object.</summary>
    public JvmObject StaticObject(string className, string method, params ReadOnlySpan<object?> arguments) => Expect<JvmObject>(Static(className, method, arguments), method);

    /// <summary>Calls a method of the gateway itself.</summary>
    public object? OfGateway(string method, params ReadOnlySpan<object?> arguments)
    {
        Commands.Call(Begin(), Commands.GatewayServer, method, arguments);
        return Take(method);
    }

    /// <summary>Constructs an object.</summary>
    public JvmObject New(string className, params ReadOnlySpan<object?> arguments)
    {
        Commands.Construct(Begin(), className, arguments);
        return Expect<JvmObject>(Take(className), className);
    }

    /// <summary>A Java array of these elements; also for varargs.</summary>
    public JvmObject Array(string elementClass, IReadOnlyList<object?> elements)
    {
        Commands.NewArray(Begin(), elementClass, elements.Count);
        var array = Expect<JvmObject>(Take("new array"), "new array");
        for (var i = 0; i < elements.Count; i++)
        {
            Commands.SetElement(Begin(), array.Id, i, elements[i]);
            _ = Take("set element");
        }
        return array;
    }

    /// <summary>Number of an array's elements.</summary>
    public int Length(JvmObject array)
    {
        Commands.ArrayLength(Begin(), array.Id);
        return Expect<int>(Take("array length"), "array length");
    }

    /// <summary>An element of an array.</summary>
    public object? Element(JvmObject array, int index)
    {
        Commands.GetElement(Begin(), array.Id, index);
        return Take("array element");
    }

    /// <summary>A static field of a class.</summary>
    public object? StaticField(string className, string field)
    {
        Commands.StaticMember(Begin(), className, field);
        return Take(field);
    }

    /// <summary>Whether the JVM can load the class.</summary>
    public bool HasClass(string className)
    {
        Commands.WhatIs(Begin(), className);
        return Take(className) is WireName { Kind: 'c' };
    }

    /// <summary>Takes the object out of the scope: its new owner releases it by <see cref="JvmGateway.Release"/>.</summary>
    public JvmObject Keep(JvmObject reference)
    {
        _ = owned.Remove(reference);
        return reference;
    }

    /// <summary>What a throwable that was answered, not thrown, says of itself; it is released.</summary>
    public JvmException Describe(JvmObject throwable)
    {
        var id = Keep(throwable).TakeForRelease() ?? throw new ObjectDisposedException(nameof(JvmObject));
        Gateway.Count(-1);
        return JvmErrors.Read(connection, id);
    }

    /// <summary>Owns a reference that came by a callback.</summary>
    public JvmObject Adopt(WireReference reference) => Own(reference);

    /// <summary>Makes the connection fail from another thread, for a call that nothing else can end.</summary>
    public void Abandon() => connection.Abort();

    /// <summary>Releases what the scope holds and gives the connection back. A connection that has failed leaves the release to the next scope.</summary>
    public void Dispose()
    {
        if (disposed) return;
        disposed = true;
        var ids = new List<string>(owned.Count);
        foreach (var reference in owned)
            if (reference.TakeForRelease() is { } id) ids.Add(id);
        Gateway.TakeBack(connection, ids);
    }

    /// <summary>The empty buffer for the next call.</summary>
    private ArrayBufferWriter<byte> Begin()
    {
        try
        {
            return connection.Begin();
        }
        catch (GatewayException error)
        {
            throw Gateway.Explain(error);
        }
    }

    private object? Take(string doing)
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        Answer answer;
        try
        {
            answer = connection.Exchange(doing);
        }
        catch (GatewayException error)
        {
            throw Gateway.Explain(error);
        }
        if (answer.Kind == AnswerKind.Threw) throw Thrown(answer.Value, doing);
        return answer.Value is WireReference reference ? Own(reference) : answer.Value;
    }

    private JvmException Thrown(object? thrown, string doing)
    {
        if (thrown is WireReference reference) return JvmErrors.Read(connection, reference.Id);
        var text = thrown as string ?? "";
        return new JvmException($"Spark's gateway refused the call '{doing}': {JvmErrors.FirstLine(text)}", text) { RemoteClass = "py4j.Py4JException", IsGatewayRefusal = true };
    }

    private JvmObject Own(WireReference reference)
    {
        var made = new JvmObject(reference.Id, reference.Kind);
        owned.Add(made);
        Gateway.Count(1);
        return made;
    }

    private static T Expect<T>(object? value, string doing) =>
        value is T expected
            ? expected
            : throw new GatewayException($"Spark's gateway answered the call '{doing}' with {(value is null ? "null" : value.GetType().Name)} where {typeof(T).Name} was expected. This version of Spark is not one that is known here (3.5, 4.0, 4.1).");
}
