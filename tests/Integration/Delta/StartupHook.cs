using Pipeline.Tests.Integration.Delta;

/// <summary>Makes this assembly a program too: a child of <see cref="KillTests"/> names it in DOTNET_STARTUP_HOOKS, and the runtime calls it before Main. Without the variable it does nothing.</summary>
/// <remarks>Source: dotnet/runtime, docs/design/features/host-startup-hook.md: the type has this name and no namespace.</remarks>
internal static class StartupHook
{
    public static void Initialize()
    {
        if (Environment.GetEnvironmentVariable(KillTests.TableVariable) is { } table) Environment.Exit(KillTests.AppendAllAsync(table).GetAwaiter().GetResult());
    }
}
