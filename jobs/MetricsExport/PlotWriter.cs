using Pipeline.Engine.Sql;
using Pipeline.Jobs.Datasets;
using Pipeline.Suite.Reports.Charts;
using Pipeline.Suite.Runtime.Jobs;

namespace Pipeline.Jobs.MetricsExport;

/// <summary>Draws a data set's plots and leaves them in the run's folder, each as PNG and as SVG.</summary>
internal static class PlotWriter
{
    public static async Task WriteAsync(JobContext context, IDatasetFlow flow, DataFrame rows, CancellationToken cancellationToken)
    {
        var plots = flow.Plots(rows);
        if (plots.Count == 0) return;
        using var step = context.Step("draw plots");
        var storage = context.Lake.RunStorage(context.RunId);
        var drawn = 0;
        foreach (var plot in plots)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var values = plot.Rows.Collect(cancellationToken);
            if (values.Count == 0)
            {
                context.Warn($"There is nothing to draw for the plot '{plot.Name}': no row has its values.");
                continue;
            }
            var chart = plot.Draw(values);
            await PutAsync($"plots/{plot.Name}.png", ChartImage.ToPng(chart)).ConfigureAwait(false);
            await PutAsync($"plots/{plot.Name}.svg", ChartImage.ToSvg(chart)).ConfigureAwait(false);
            drawn++;
        }
        step.Done(FormattableString.Invariant($"{drawn} plots in {context.Lake.Run(context.RunId)}/plots"));

        async Task PutAsync(string name, byte[] bytes)
        {
            await storage.PutAsync(name, bytes, cancellationToken).ConfigureAwait(false);
            context.Outputs.Add($"{context.Lake.Run(context.RunId)}/{name}");
        }
    }
}
