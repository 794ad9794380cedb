namespace Pipeline.Suite.Loading;

/// <summary>How a batch is classified.</summary>
/// <param name="MaxBadShare">Share of bad rows (0 to 1) over which the whole batch goes to quarantine.</param>
public sealed record LoadingOptions(double MaxBadShare = 0.5);
