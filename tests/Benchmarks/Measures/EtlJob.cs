using Pipeline.Engine.Sql;
using Pipeline.Jobs.Datasets;
using Pipeline.Jobs.Datasets.WaterQuality;
using Pipeline.Suite.Loading;
using Pipeline.Suite.Runtime.Inputs;
using Pipeline.Suite.Runtime.Jobs;
using Pipeline.Suite.Schemas.Staging;
using static Pipeline.Engine.Sql.Functions;

namespace Pipeline.Tests.Benchmarks.Measures;

/// <summary>13 parameters, 5 statistics, by site and month, from the water-quality CSV to Parquet: through the staging and marts of the jobs, run as they are run.</summary>
internal sealed class EtlJob : IJob
{
    public static IReadOnlyList<string> Parameters { get; } = ["ANC", "CA", "CL", "COND", "DOC", "K", "MG", "NA", "NH4", "NO3", "PH_LAB", "SIO2", "SO4"];

    public string Name => "bench-etl";

    public string Purpose => "Statistics by site and month, for the benchmark.";

    public IReadOnlyList<string> Examples { get; } = [];

    public IReadOnlyList<JobOption> Options { get; } =
    [
        new("input", "Folder of the CSV file") { IsRequired = true },
        new("out", "Folder for the Parquet files") { IsRequired = true },
        JobOption.Flag("with-quarantine", "Keep bad rows apart"),
    ];

    public async Task<JobOutcome> RunAsync(JobContext context, CancellationToken cancellationToken)
    {
        var flow = DatasetFlows.Of(context.Dataset.Name);
        var source = flow.Dataset.Main;
        var file = (await InputFiles.FindAsync(context, context.Get("input"), source, cancellationToken))[0];
        var staged = flow.StageRecords(await InputFiles.ReadAsync(context, file, source, cancellationToken), InputFiles.CorruptColumn);
        if (context.GetFlag("with-quarantine"))
        {
            // Only rows that break a rule are kept as they were received.
            staged = staged.WithColumn(StagedColumns.Raw, When(StagedRows.BreaksARule, Col(StagedColumns.Raw)))
                .Select([.. source.Contract.Columns.Select(column => Col(column.Name)), Col(StagedColumns.Raw), Col(StagedColumns.Broken)]).Persist();
            StagedRows.Broken(staged).Select(Col(StagedColumns.Raw), Col(StagedColumns.Broken)).Write().Mode(SaveMode.Overwrite).Parquet(context.Get("out") + "-quarantine");
            staged = StagedRows.Good(staged);
        }
        var samples = staged.Select([.. source.Contract.Columns.Select(column => Col(column.Name)), Lit("bench").As("batch_id")]);
        Statistics(samples).Write().Mode(SaveMode.Overwrite).Parquet(context.Get("out"));
        return JobOutcome.Done("Done.");
    }

    private static DataFrame Statistics(DataFrame samples) =>
        Marts.Values(samples)
            .Filter(Col("parameter").IsIn([.. Parameters]))
            .WithColumn("month", DateTrunc("month", Col("sampled_at")))
            .GroupBy("program_id", "site_id", "parameter", "month")
            .Agg(Count(Col("value")).As("n"), Avg(Col("value")).As("mean"), StddevSamp(Col("value")).As("stddev"), Min(Col("value")).As("min"), Max(Col("value")).As("max"));
}
