namespace Pipeline.Runtime.Landing;

/// <summary>How a batch is judged.</summary>
/// <param name="MaxBadShare">Share of bad rows (0 to 1) over which the whole batch goes to quarantine.</param>
public sealed record LandingOptions(double MaxBadShare = 0.5);
