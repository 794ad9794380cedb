using System.Globalization;
using Pipeline.Files;

namespace Pipeline.Producer.CommandLine;

/// <summary>The options of a run: flag, else environment, else default; read as what they are meant to be.</summary>
internal sealed class OptionValues(CliCommand command, IReadOnlyDictionary<string, string> flags, IReadOnlyDictionary<string, string> environment)
{
    private static readonly (string Suffix, double Seconds)[] Units = [("ms", 0.001), ("s", 1), ("m", 60), ("h", 3600)];

    internal string? Text(string name)
    {
        var option = command.AllOptions.First(option => option.Name == name);
        if (flags.TryGetValue(name, out var given))
            return given;
        if (environment.TryGetValue(option.Environment, out given) && given.Length > 0)
            return given;
        return option.CommonEnvironment is { } common && environment.TryGetValue(common, out given) && given.Length > 0 ? given : option.Default;
    }

    internal bool Switch(string name) => string.Equals(Text(name), "true", StringComparison.OrdinalIgnoreCase) || Text(name) == "1";

    internal long? Number(string name, long least)
    {
        if (Text(name) is not { } text)
            return null;
        return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least ? number
            : throw new UsageException($"--{name} is '{text}', which is not a whole number from {least.ToString(CultureInfo.InvariantCulture)}.");
    }

    internal TimeSpan Duration(string name)
    {
        var text = (Text(name) ?? "0").Trim();
        if (text == "0")
            return TimeSpan.Zero;
        foreach (var (suffix, seconds) in Units)
        {
            if (text.EndsWith(suffix, StringComparison.Ordinal) && double.TryParse(text.AsSpan(0, text.Length - suffix.Length), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) && number * seconds < int.MaxValue / 1000)
                return TimeSpan.FromSeconds(number * seconds);
        }
        throw new UsageException($"--{name} is '{text}', which is not a length of time. Give it as 500ms, 10s, 1m or 1h, or 0 for none.");
    }

    internal string Choice(string name, params ReadOnlySpan<string> choices)
    {
        var text = Text(name) ?? choices[0];
        return choices.Contains(text) ? text : throw new UsageException($"--{name} is '{text}'. Give {string.Join(" or ", choices!)}.");
    }
}
