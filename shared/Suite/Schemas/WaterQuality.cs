using System.Collections.Immutable;
using Pipeline.Suite.Schemas.Contracts;

namespace Pipeline.Suite.Schemas;

/// <summary>EPA long-term monitoring of acidified waters: samples, methods and sites.</summary>
/// <remarks>Source: EPA LTM, files LTM_Data_2022_8_1, Methods_2022_8_1 and Site_Information_2022_8_1.</remarks>
public static class WaterQuality
{
    /// <summary>The 22 measured columns of a sample in the source's order, with parameter (as in Methods) and unit.</summary>
    public static ImmutableArray<Measurement> Measurements { get; } =
    [
        new("ANC_UEQ_L", "ANC", "UEQ_L", "Acid neutralizing capacity; negative in acid water"),
        new("CA_UEQ_L", "CA", "UEQ_L", "Calcium"),
        new("CHL_A_UG_L", "CHL_A", "UG_L", "Chlorophyll a"),
        new("CL_UEQ_L", "CL", "UEQ_L", "Chloride"),
        new("COND_UM_CM", "COND", "UM_CM", "Specific conductance"),
        new("DOC_MG_L", "DOC", "MG_L", "Dissolved organic carbon"),
        new("F_UEQ_L", "F", "UEQ_L", "Fluoride"),
        new("K_UEQ_L", "K", "UEQ_L", "Potassium"),
        new("MG_UEQ_L", "MG", "UEQ_L", "Magnesium"),
        new("NA_UEQ_L", "NA", "UEQ_L", "Sodium"),
        new("NH4_UEQ_L", "NH4", "UEQ_L", "Ammonium; below 0 is below detection") { NegativeIsBelowDetection = true },
        new("NO3_UEQ_L", "NO3", "UEQ_L", "Nitrate"),
        new("N_TD_UEQ_L", "N_TD", "UEQ_L", "Total dissolved nitrogen"),
        new("PH_EQ", "PH_EQ", "", "pH, air-equilibrated"),
        new("PH_FLD", "PH_FLD", "", "pH in the field"),
        new("PH_LAB", "PH_LAB", "", "pH in the laboratory"),
        new("PH_STVL", "PH_STVL", "", "pH, closed system"),
        new("P_TL_UEQ_L", "P_TL", "UEQ_L", "Total phosphorus"),
        new("SECCHI_M", "SECCHI", "M", "Secchi depth"),
        new("SIO2_MG_L", "SIO2", "MG_L", "Silica; below 0 is below detection") { NegativeIsBelowDetection = true },
        new("SO4_UEQ_L", "SO4", "UEQ_L", "Sulfate"),
        new("WTEMP_DEG_C", "WTEMP", "DEG_C", "Water temperature"),
    ];

    /// <summary>One sample, a message of the topic.</summary>
    public static TableContract Samples { get; } = new("water_samples", "one sample", [
        new("site_id", "SITE_ID", new TextRule(), "Site within its programme; text, leading zeros kept") { IsRequired = true },
        new("program_id", "PROGRAM_ID", new TextRule(), "Monitoring programme") { IsRequired = true },
        new("sampled_at", "DATE_SMP", new TimestampRule(), "Day of the sample; the time is midnight but for a few thousand") { IsRequired = true },
        new("sample_location", "SAMPLE_LOCATION", new TextRule(), "Where in the water body: Stream, EPI, HYPO …"),
        new("sample_type", "SAMPLE_TYPE", new TextRule(), "Regular or a kind of check"),
        new("waterbody_type", "WATERBODY_TYPE", new TextRule(), "Lake or Stream"),
        new("sample_depth", "SAMPLE_DEPTH", new NumberRule(), "Depth of the sample") { Unit = "m" },
        new("sample_time", "TIME_SMP", new TimeOfDayRule(), "Time of day as HH:mm, null where not noted"),
        .. Measurements.Select(measurement => new ColumnContract(measurement.ColumnName, measurement.SourceName, new NumberRule(), measurement.Description) { Unit = measurement.PrintedUnit }),
    ])
    {
        Key = ["site_id", "program_id", "sampled_at", "sample_location", "sample_type", "sample_depth", "sample_time"],
    };

    /// <summary>A method of measuring a parameter in a programme, in use from a year to a year.</summary>
    public static TableContract Methods { get; } = new("methods", "one method of one parameter in one programme over one interval of years", [
        new("program_id", "PROGRAM_ID", new TextRule(), "Monitoring programme") { IsRequired = true },
        new("parameter", "PARAMETER", new TextRule(), "Measured parameter, the sample column's name without its unit") { IsRequired = true },
        new("start_year", "START_YEAR", new WholeNumberRule(), "First year of use, included") { IsRequired = true },
        new("end_year", "END_YEAR", new WholeNumberRule(), "Last year of use, included; null is still in use"),
        new("method", "METHOD", new TextRule(), "Short name of the method"),
        new("method_description", "METHOD_DESCRIPTION", new TextRule(), "The method in full, with references"),
    ]);

    /// <summary>A monitored site.</summary>
    public static TableContract Sites { get; } = new("sites", "one site of one programme", [
        new("site_id", "SITE_ID", new TextRule(), "Site within its programme; text, leading zeros kept") { IsRequired = true },
        new("program_id", "PROGRAM_ID", new TextRule(), "Monitoring programme") { IsRequired = true },
        new("latitude", "LATDD", new NumberRule(), "Latitude") { Unit = "°" },
        new("longitude", "LONDD", new NumberRule(), "Longitude") { Unit = "°" },
        new("latitude_centroid", "LATDD_CENTROID", new NumberRule(), "Latitude of the water body's centroid") { Unit = "°" },
        new("longitude_centroid", "LONDD_CENTROID", new NumberRule(), "Longitude of the water body's centroid") { Unit = "°" },
        new("site_name", "SITE_NAME", new TextRule(), "Name of the lake or stream"),
        new("comid", "COMID", new WholeNumberRule(), "NHD common identifier"),
        new("featureid", "FEATUREID", new WholeNumberRule(), "NHD feature identifier"),
        new("county", "COUNTY", new TextRule(), "County"),
        new("state", "STATE", new TextRule(), "State"),
        new("ecoregion_i", "ECOREGION_I", new TextRule(), "Ecoregion code, level I"),
        new("ecoregion_ii", "ECOREGION_II", new TextRule(), "Ecoregion code, level II"),
        new("ecoregion_iii", "ECOREGION_III", new TextRule(), "Ecoregion code, level III; text such as 5.3"),
        new("ecoregion_iv", "ECOREGION_IV", new TextRule(), "Ecoregion code, level IV; text such as 58y"),
        new("econame_i", "ECONAME_I", new TextRule(), "Ecoregion, level I"),
        new("econame_ii", "ECONAME_II", new TextRule(), "Ecoregion, level II"),
        new("econame_iii", "ECONAME_III", new TextRule(), "Ecoregion, level III"),
        new("econame_iv", "ECONAME_IV", new TextRule(), "Ecoregion, level IV"),
        new("lake_depth_max", "LAKE_DEPTH_MAX", new NumberRule(), "Greatest depth") { Unit = "m" },
        new("lake_depth_mean", "LAKE_DEPTH_MEAN", new NumberRule(), "Mean depth") { Unit = "m" },
        new("lake_ret", "LAKE_RET", new NumberRule(), "Retention time") { Unit = "a" },
        new("lake_area_ha", "LAKE_AREA_HA", new NumberRule(), "Area of the lake") { Unit = "ha" },
        new("lake_area_nhd2", "LAKE_AREA_NHD2", new NumberRule(), "Area of the lake by NHD") { Unit = "ha" },
        new("wshd_area_ha", "WSHD_AREA_HA", new NumberRule(), "Area of the watershed") { Unit = "ha" },
        new("site_elev", "SITE_ELEV", new NumberRule(), "Elevation of the site") { Unit = "m" },
        new("wshd_elev_avg", "WSHD_ELEV_AVG", new NumberRule(), "Mean elevation of the watershed") { Unit = "m" },
        new("wshd_elev_min", "WSHD_ELEV_MIN", new NumberRule(), "Lowest elevation of the watershed") { Unit = "m" },
        new("wshd_elev_max", "WSHD_ELEV_MAX", new NumberRule(), "Highest elevation of the watershed") { Unit = "m" },
        new("wshd_slope_avg", "WSHD_SLOPE_AVG", new NumberRule(), "Mean slope of the watershed") { Unit = "°" },
        new("update_date", "UPDATE_DATE", new TextRule(), "Date of the last change of the row"),
    ])
    {
        Key = ["site_id", "program_id"],
    };

    /// <summary>The measurements, a row each, with method and site: what hdfs-enrich makes of the samples.</summary>
    private static TableDescription MeasurementsTable => new("water_measurements", "one measured value of one sample",
    [
        .. Samples.Columns.Where(static column => Samples.Key.Contains(column.Name)).Select(TableDescription.Of),
        new("parameter", "What was measured, as the methods name it: ANC, PH_LAB, SO4 …") { IsRequired = true },
        new("unit", "Unit of the value; null for pH"),
        new("value", "The measured value, in the unit of its row") { IsRequired = true },
        new("below_detection", "Whether the value only says 'below the detection limit'") { IsRequired = true },
        new("method", "Method in force in the sample's year; null where none is known"),
        new("method_candidates", "How many methods claim the sample's year") { IsRequired = true },
        .. Sites.Columns.Where(static column => column.Name is "site_name" or "county" or "state" or "ecoregion_iii" or "latitude" or "longitude").Select(TableDescription.Of),
        TableDescription.Of(Samples.Column("waterbody_type")),
        new("sampled_on", "Day of the sample") { IsRequired = true },
        new("year", "Year of the sample") { IsRequired = true },
    ])
    {
        Key = [.. Samples.Key, "parameter"],
        Lineage = "water_samples joined with the files 'Methods*' and 'Site_Information*'",
    };

    /// <summary>The data set as a whole.</summary>
    public static DatasetContract Dataset { get; } = new(
        "water-quality", "EPA long-term monitoring of acidified waters", "water-quality", 3, 1,
        new SourceFile("LTM_Data*", ';', Samples),
        ImmutableDictionary.CreateRange(
        [
            KeyValuePair.Create("methods", new SourceFile("Methods*", ';', Methods)),
            KeyValuePair.Create("sites", new SourceFile("Site_Information*", ';', Sites)),
        ]))
    {
        MessageKey = "SITE_ID",
        Enriched = MeasurementsTable,
    };
}

/// <summary>A measured column of a sample.</summary>
/// <param name="SourceName">Column in the file: PARAMETER_UNIT.</param>
/// <param name="Parameter">Name in the methods file.</param>
/// <param name="Unit">Unit as the column's name has it; empty for pH.</param>
/// <param name="Description">What is measured.</param>
public sealed record Measurement(string SourceName, string Parameter, string Unit, string Description)
{
    /// <summary>Our column's name.</summary>
    public string ColumnName => SourceName.ToLowerInvariant();

    /// <summary>Whether a value below 0 says 'below the detection limit' and not a measured value.</summary>
    public bool NegativeIsBelowDetection { get; init; }

    /// <summary>The unit as people write it; null for pH.</summary>
    public string? PrintedUnit => Unit switch
    {
        "UEQ_L" => "µeq/L",
        "MG_L" => "mg/L",
        "UG_L" => "µg/L",
        "UM_CM" => "µS/cm",
        "DEG_C" => "°C",
        "M" => "m",
        _ => null,
    };
}
