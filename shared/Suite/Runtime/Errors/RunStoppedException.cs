namespace Pipeline.Suite.Runtime.Errors;

/// <summary>A run ended because it was asked to. The message says what stays and what is left to do, where that is not the usual: what was committed stays and the next run does the rest.</summary>
public sealed class RunStoppedException(string message, Exception? inner = null) : OperationCanceledException(message, inner);
