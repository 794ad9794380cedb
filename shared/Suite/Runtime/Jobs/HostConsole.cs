using System.Collections;
using Pipeline.Engine.Storage;
using Pipeline.Suite.Runtime.Output;

namespace Pipeline.Suite.Runtime.Jobs;

/// <summary>The world around a process: environment and the two streams. Replaced in tests.</summary>
/// <param name="Environment">Environment variables.</param>
/// <param name="Out">Results.</param>
/// <param name="Error">Logs, progress, errors.</param>
/// <param name="IsErrorTerminal">Whether somebody watches <paramref name="Error"/>.</param>
public sealed record HostConsole(IReadOnlyDictionary<string, string> Environment, TextWriter Out, TextWriter Error, bool IsErrorTerminal)
{
    /// <summary>Opens what the process is given to read; empty unless set.</summary>
    public Func<TextReader> OpenIn { get; init; } = static () => TextReader.Null;

    /// <summary>Whether stdin is somebody who types.</summary>
    public bool IsInputTerminal { get; init; }

    /// <summary>Columns of the terminal that shows <see cref="Out"/>; null where it goes to a file or pipe, which have no width.</summary>
    public int? Width { get; init; }

    /// <summary>What stands in front of each store that a run opens, such as one of a test that stops at an operation; null for nothing.</summary>
    public Func<IStorage, IStorage>? WrapStorage { get; init; }

    /// <summary>How stores are reached from here, by the environment.</summary>
    /// <exception cref="ArgumentException">A variable names an address that is none.</exception>
    internal StorageOptions StorageOptions => Engine.Storage.StorageOptions.FromEnvironment(name => Environment.GetValueOrDefault(name)) with { Wrap = WrapStorage };

    /// <summary>This process's own.</summary>
    public static HostConsole OfProcess()
    {
        TerminalWriter.GuardConsole();
        return new HostConsole(Variables(), Console.Out, Console.Error, !Console.IsErrorRedirected)
        {
            OpenIn = static () => Console.In,
            IsInputTerminal = !Console.IsInputRedirected,
            // A terminal that does not tell its size has 0 columns.
            Width = !Console.IsOutputRedirected && Console.WindowWidth > 0 ? Console.WindowWidth : null,
        };
    }

    private static Dictionary<string, string> Variables() =>
        System.Environment.GetEnvironmentVariables().Cast<DictionaryEntry>().ToDictionary(static entry => (string)entry.Key, static entry => (string?)entry.Value ?? "", StringComparer.Ordinal);
}
