using System.Collections;
using Pipeline.Schemas.Platform;

namespace Pipeline.Producer.CommandLine;

/// <summary>The world around the program: environment and the two streams. Replaced in tests.</summary>
/// <param name="Environment">Environment variables.</param>
/// <param name="Out">Results.</param>
/// <param name="Error">Log, progress, errors.</param>
/// <param name="IsErrorTerminal">Whether somebody watches <paramref name="Error"/>.</param>
public sealed record ProgramConsole(IReadOnlyDictionary<string, string> Environment, TextWriter Out, TextWriter Error, bool IsErrorTerminal)
{
    /// <summary>This process's own.</summary>
    public static ProgramConsole OfProcess()
    {
        TerminalWriter.GuardConsole();
        return new ProgramConsole(Variables(), Console.Out, Console.Error, !Console.IsErrorRedirected);
    }

    private static Dictionary<string, string> Variables() =>
        System.Environment.GetEnvironmentVariables().Cast<DictionaryEntry>().ToDictionary(entry => (string)entry.Key, entry => (string?)entry.Value ?? "", StringComparer.Ordinal);
}
