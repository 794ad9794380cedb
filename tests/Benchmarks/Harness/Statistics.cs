namespace Pipeline.Tests.Benchmarks.Harness;

/// <summary>The few figures by which samples are summed up.</summary>
internal static class Statistics
{
    public static double Median(IEnumerable<double> values) => Quantile([.. values], 0.5);

    /// <summary>Linear between neighbors, as most programs have it.</summary>
    public static double Quantile(IReadOnlyCollection<double> values, double share)
    {
        var sorted = values.Order().ToArray();
        if (sorted.Length == 0) return double.NaN;
        var place = share * (sorted.Length - 1);
        var low = (int)Math.Floor(place);
        var high = Math.Min(low + 1, sorted.Length - 1);
        return sorted[low] + ((place - low) * (sorted[high] - sorted[low]));
    }

    /// <summary>The exponent e of cost = c · sizeᵉ, by least squares on the logarithms.</summary>
    public static double Exponent(IReadOnlyList<(double Size, double Cost)> points)
    {
        var logs = points.Select(point => (X: Math.Log(point.Size), Y: Math.Log(point.Cost))).ToList();
        var (meanX, meanY) = (logs.Average(log => log.X), logs.Average(log => log.Y));
        return logs.Sum(log => (log.X - meanX) * (log.Y - meanY)) / logs.Sum(log => (log.X - meanX) * (log.X - meanX));
    }
}
