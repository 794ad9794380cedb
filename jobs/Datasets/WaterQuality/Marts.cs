using Pipeline.Engine.Sql;
using static Pipeline.Engine.Sql.Functions;
using Contract = Pipeline.Suite.Schemas.WaterQuality;

namespace Pipeline.Jobs.Datasets.WaterQuality;

/// <summary>Samples turned into values, joined with the method and the site of each. Functions from table to table.</summary>
public static class Marts
{
    /// <summary>The sample's own columns that a value keeps.</summary>
    private static readonly string[] SampleColumns =
        ["site_id", "program_id", "sampled_at", "sample_location", "sample_type", "sample_depth", "sample_time"];

    /// <summary>The columns of <c>water_measurements</c> in order.</summary>
    public static IReadOnlyList<string> MeasurementColumns { get; } =
    [
        .. SampleColumns, "parameter", "unit", "value", "below_detection", "method", "method_candidates",
        "site_name", "county", "state", "ecoregion_iii", "latitude", "longitude", "waterbody_type", "sampled_on", "year", "batch_id",
    ];

    /// <summary>One row a measured value.</summary>
    /// <remarks>
    /// In: <c>water_samples</c>. Grain: one row per sample and parameter that was measured (not null). Unordered.
    /// Out: the sample's key and waterbody_type, parameter (string, as in the methods file), unit (string, null for pH), value (double, in unit),
    /// below_detection (boolean: a negative NH4 or SIO2 says so), sampled_on (date, UTC), year (int), batch_id.
    /// </remarks>
    public static DataFrame Values(DataFrame samples)
    {
        string[] kept = [.. SampleColumns, "waterbody_type", "batch_id"];
        var wide = samples.Select(
            [.. kept.Select(name => Col(name)), .. Contract.Measurements.Select(measurement => Col(measurement.ColumnName).As(measurement.Parameter))]);
        var parameter = Col("parameter");
        return wide
            .Unpivot([.. kept.Select(name => Col(name))], [.. Contract.Measurements.Select(measurement => Col(measurement.Parameter))], "parameter", "value")
            .Filter(Col("value").IsNotNull())
            .Select(
            [
                .. kept.Select(name => Col(name)),
                parameter,
                Choose(parameter, measurement => measurement.PrintedUnit).As("unit"),
                Col("value"),
                ((Col("value") < 0.0) & parameter.IsIn([.. Contract.Measurements.Where(measurement => measurement.NegativeIsBelowDetection).Select(measurement => (object)measurement.Parameter)]))
                    .As("below_detection"),
                ToDate(Col("sampled_at")).As("sampled_on"),
                Year(Col("sampled_at")).As("year"),
            ]);
    }

    /// <summary>The method in force for each programme, parameter and year, one row each, so that a join with it never multiplies rows.</summary>
    /// <remarks>
    /// In: methods (program_id, parameter, start_year, end_year, method) and the last year (one row, last_year) to which a method without an end counts.
    /// Grain: one row per (program_id, parameter, year) that has a method. Out: method (string), method_candidates (bigint, 1 upwards).
    /// Rule where intervals overlap: latest start_year, then earliest end_year (no end is last), then method.
    /// Source: Methods_2022_8_1, columns START_YEAR and END_YEAR; both ends included.
    /// </remarks>
    public static DataFrame MethodInForce(DataFrame methods, DataFrame lastYear)
    {
        var years = methods
            .CrossJoin(lastYear)
            .WithColumn("until", Coalesce(Col("end_year"), Greatest(Col("last_year"), Col("start_year"))))
            .Filter(Col("until") >= Col("start_year"))
            .WithColumn("year", Explode(Sequence(Col("start_year").Cast("bigint"), Col("until").Cast("bigint"))));
        var preference = Engine.Sql.Expressions.Window.PartitionBy("program_id", "parameter", "year")
            .OrderBy(Col("start_year").Desc(), Col("end_year").AscNullsLast(), Col("method").AscNullsLast());
        var all = Engine.Sql.Expressions.Window.PartitionBy("program_id", "parameter", "year");
        return years
            .Select(
                Col("program_id"), Col("parameter"), Col("year").Cast("int").As("year"), Col("method"),
                RowNumber().Over(preference).As("preference"),
                Count(Lit(1)).Over(all).As("method_candidates"))
            .Filter(Col("preference") == Lit(1))
            .Select("program_id", "parameter", "year", "method", "method_candidates");
    }

    /// <summary>Values with the method in force in the sample's year.</summary>
    /// <remarks>
    /// Grain: one row per sample and parameter, as in <paramref name="values"/>: never more, whatever the methods' intervals do.
    /// Out: adds method (string, null where none is known) and method_candidates (int, 0 upwards). Unordered.
    /// </remarks>
    /// <param name="values">As <see cref="Values"/> makes them.</param>
    /// <param name="methods">The methods' file.</param>
    /// <param name="lastYear">One row, last_year (bigint): no value is of a later year.</param>
    public static DataFrame WithMethod(DataFrame values, DataFrame methods, DataFrame lastYear) => values
        .Join(MethodInForce(methods, lastYear), ["program_id", "parameter", "year"], "left_outer")
        .WithColumn("method_candidates", Coalesce(Col("method_candidates"), Lit(0)).Cast("int"));

    /// <summary>Values with the name and place of their site.</summary>
    /// <remarks>
    /// In: sites, one row per (site_id, program_id): a site id alone stands in two programmes.
    /// Grain: as in <paramref name="values"/>. Out: adds site_name, county, state, ecoregion_iii (string), latitude, longitude (double, °), all null where the site is not known.
    /// </remarks>
    public static DataFrame WithSite(DataFrame values, DataFrame sites) =>
        values.Join(sites.Select("site_id", "program_id", "site_name", "county", "state", "ecoregion_iii", "latitude", "longitude"), ["site_id", "program_id"], "left_outer");

    /// <summary><c>water_measurements</c>: values with method and site, in the table's order of columns.</summary>
    public static DataFrame Measurements(DataFrame samples, DataFrame methods, DataFrame sites)
    {
        // Of the samples, which are fewer than their values by far: a plan that reads the values twice has engines hold all of them.
        var lastYear = samples.Agg(Max(Year(Col("sampled_at"))).Cast("bigint").As("last_year"));
        return WithSite(WithMethod(Values(samples), methods, lastYear), sites).Select([.. MeasurementColumns.Select(name => Col(name))]);
    }

    private static Column Choose(Column parameter, Func<Suite.Schemas.Measurement, string?> of)
    {
        var groups = Contract.Measurements.Where(measurement => of(measurement) is not null).GroupBy(measurement => of(measurement)!);
        Column? choice = null;
        foreach (var group in groups)
        {
            var isOne = parameter.IsIn([.. group.Select(measurement => (object)measurement.Parameter)]);
            choice = choice is null ? When(isOne, Lit(group.Key)) : choice.When(isOne, Lit(group.Key));
        }
        return choice!;
    }
}
