namespace Pipeline.Engine.Types;

/// <summary>The data break a contract: exit code 3; the same run would end in the same way. The message names the source and the place.</summary>
public sealed class DataException(string message, Exception? inner = null) : Exception(message, inner);
