namespace Pipeline.Engine.Types;

/// <summary>The command or the configuration is wrong: exit code 2. The message says what is expected.</summary>
public sealed class UsageException(string message, Exception? inner = null) : Exception(message, inner);
