using FluentAssertions;
using NUnit.Framework;
using Pipeline.Engine.Sql;
using Pipeline.Engine.Types;
using Pipeline.Jobs.Datasets;
using Pipeline.Suite.Schemas.Staging;
using Pipeline.Tests.Unit.Sql;

namespace Pipeline.Tests.Unit.Flows;

/// <summary>Whatever a data set computes, both dialects can say, and it has the same columns in both.</summary>
[TestFixtureSource(nameof(Names))]
public sealed class FlowTextTests(string name)
{
    private static readonly StructType KafkaColumns = new(
        new StructField("key", new BinaryType()), new StructField("value", new BinaryType()), new StructField("topic", new StringType()),
        new StructField("partition", new IntegerType()), new StructField("offset", new LongType()), new StructField("timestamp", new TimestampType()),
        new StructField("headers", new ArrayType(new StructType(new StructField("key", new StringType()), new StructField("value", new BinaryType())))));

    private readonly IDatasetFlow flow = DatasetFlows.Of(name);

    private static IEnumerable<string> Names => Pipeline.Suite.Schemas.Datasets.All.Select(dataset => dataset.Name);

    [Test]
    public void Messages_become_the_contracts_columns_their_provenance_and_the_broken_rules()
    {
        var staged = OnBoth(spark => [flow.StageMessages(Frame(spark, KafkaColumns))]).Single();
        staged.FieldNames.Should().StartWith(flow.Dataset.Main.Contract.Columns.Select(column => column.Name)).And.Contain([.. StagedColumns.Provenance, StagedColumns.Broken]);
        foreach (var column in flow.Dataset.Main.Contract.Columns) staged.Find(column.Name)!.DataType.Should().Be(column.Type, "of {0}", column.Name);
    }

    [Test]
    public void Metric_tables_have_their_keys_and_plain_columns()
    {
        foreach (var metric in flow.Metrics(Last(SparkSession.ForEngine(FakeEngine.Spark()))))
            metric.Rows.Schema().FieldNames.Should().Contain(metric.Key, "they are the key of {0}", metric.Name);
        OnBoth(spark => flow.Metrics(Last(spark)).Select(metric => metric.Rows)).Should().OnlyContain(schema => schema.All(column => column.DataType is AtomicType));
    }

    [Test]
    public void Files_have_names_of_their_own_and_rows_that_both_engines_make()
    {
        foreach (var source in Enum.GetValues<OutputSource>())
        {
            List<FileOutput> Outputs(SparkSession spark) => [.. flow.Outputs(new OutputRows(source, Main(spark))
            {
                Loaded = source == OutputSource.BatchEtl ? Frame(spark, flow.Dataset.Main.Contract.Schema) : null,
                Enriched = source != OutputSource.StreamIngest && flow.Enrichment is not null ? Last(spark) : null,
            })];
            Outputs(SparkSession.ForEngine(FakeEngine.Spark())).Select(output => output.Name).Should().OnlyHaveUniqueItems();
            OnBoth(spark => Outputs(spark).OfType<CsvOutput>().Select(output => output.Rows));
            OnBoth(spark => Outputs(spark).OfType<ParquetOutput>().Select(output => output.Rows));
            OnBoth(spark => Outputs(spark).OfType<DrawnOutput>().Select(output => output.Rows));
        }
    }

    [Test]
    public void The_enrichment_keeps_the_batch_and_counts_what_it_must_make()
    {
        if (flow.Enrichment is not { } enrichment)
        {
            flow.Dataset.References.Should().BeEmpty("nothing joins them");
            return;
        }
        OnBoth(spark => [Last(spark)]).Single().FieldNames.Should().Contain("batch_id");
        OnBoth(spark => [enrichment.ExpectedRows(Main(spark), References(spark))]).Single().Single().DataType.Should().Be(new LongType());
        OnBoth(spark => [enrichment.Unmatched(Last(spark))]).Single().FieldNames.Should().Equal("reference", "detail", "n");
    }

    /// <summary>The schemas of frames, made and rendered for either engine.</summary>
    private static List<StructType> OnBoth(Func<SparkSession, IEnumerable<DataFrame>> make)
    {
        List<StructType> SchemasOf(FakeEngine engine) => [.. make(SparkSession.ForEngine(engine)).Select(frame =>
        {
            frame.ToSql().Should().MatchRegex("^(SELECT|WITH)");
            return frame.Schema();
        })];
        var spark = SchemasOf(FakeEngine.Spark());
        SchemasOf(FakeEngine.DuckDb()).Select(schema => schema.SimpleString).Should().Equal(spark.Select(schema => schema.SimpleString));
        return spark;
    }

    private DataFrame Last(SparkSession spark) => flow.Enrichment is { } enrichment ? enrichment.Enrich(Main(spark), References(spark)) : Main(spark);

    private DataFrame Main(SparkSession spark)
    {
        var schema = flow.Dataset.Main.Contract.Schema;
        if (flow.Dataset.Main.Contract.Key.IsEmpty) schema = schema.Add(new StructField("row_id", new StringType()));
        return Frame(spark, schema.Add(new StructField("batch_id", new StringType())));
    }

    private Dictionary<string, DataFrame> References(SparkSession spark) => flow.Dataset.References.ToDictionary(reference => reference.Key, reference => Frame(spark, reference.Value.Contract.Schema));

    private static DataFrame Frame(SparkSession spark, StructType schema) => spark.CreateDataFrame(new List<object?[]>(), schema);
}
