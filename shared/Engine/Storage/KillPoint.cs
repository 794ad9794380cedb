namespace Pipeline.Engine.Storage;

/// <summary>A named place at which a test may have the process die as by <c>kill -9</c>. Each room names its own (<c>DeltaKillPoints</c>).</summary>
/// <remarks>
/// Off unless the program was built with the switch <c>Pipeline.KillPoints</c> (Debug builds, or <c>-p:KillPoints=true</c>; it stands in the program's runtimeconfig.json).
/// Then <c>PIPELINE_KILL_AT=name:count</c> kills at the count-th time that the place is reached. Elsewhere <see cref="Reach"/> costs nothing.
/// </remarks>
public static class KillPoint
{
    private static readonly Target? Armed = Read();

    /// <summary>Dies here if a test asked for it.</summary>
    /// <param name="name">One of the constants of a room.</param>
    public static void Reach(string name)
    {
        if (Armed is not null && Armed.Name == name && Interlocked.Decrement(ref Armed.Left) == 0) Posix.KillSelf();
    }

    /// <summary>Refuses a name that no room has, as a test that asks for one would wait for a death that never comes; for the start of a program, which knows all rooms.</summary>
    /// <exception cref="ArgumentException">PIPELINE_KILL_AT names another place.</exception>
    public static void RequireKnown(IReadOnlyCollection<string> names) => RequireKnown(Armed?.Name, names);

    /// <summary>The same of any name; null is none.</summary>
    internal static void RequireKnown(string? name, IReadOnlyCollection<string> names)
    {
        ArgumentNullException.ThrowIfNull(names);
        if (name is not null && !names.Contains(name))
            throw new ArgumentException($"PIPELINE_KILL_AT names '{name}', which is no kill point. The names are: {string.Join(", ", names)}.", nameof(name));
    }

    /// <summary>The place and count that a setting asks for, or null where it asks for none.</summary>
    /// <exception cref="ArgumentException">The text is not <c>name:count</c>, where a name is two words with a full stop between them.</exception>
    internal static (string Name, int Count)? Parse(string? setting)
    {
        if (string.IsNullOrEmpty(setting)) return null;
        var colon = setting.LastIndexOf(':');
        var name = colon < 0 ? setting : setting[..colon];
        var count = 1;
        if ((colon >= 0 && (!int.TryParse(setting.AsSpan(colon + 1), out count) || count < 1)) || name.Split('.') is not [{ Length: > 0 }, { Length: > 0 }])
            throw new ArgumentException($"PIPELINE_KILL_AT is '{setting}', which is not name:count, such as delta.before-link:1.", nameof(setting));
        return (name, count);
    }

    private static Target? Read() =>
        AppContext.TryGetSwitch("Pipeline.KillPoints", out var isOn) && isOn && Parse(Environment.GetEnvironmentVariable("PIPELINE_KILL_AT")) is { } asked
            ? new Target(asked.Name) { Left = asked.Count }
            : null;

    private sealed class Target(string name)
    {
        public int Left;

        public string Name { get; } = name;
    }
}
