using System.Globalization;

namespace Pipeline.Tests.Support.Reference;

/// <summary>What the students' files must hold, computed from etudiants.csv with loops and LINQ, without the suite's own code.</summary>
public static class StudentsReference
{
    /// <summary>resultats_etudiants.csv, byte for byte.</summary>
    public static string Results(string file) =>
        "Filiere,Moyenne_Age\n" + string.Concat(Over20(file).GroupBy(student => student.Field).OrderBy(field => field.Key, StringComparer.Ordinal)
            .Select(field => $"{field.Key},{((double)field.Sum(student => student.Age) / field.Count()).ToString("R", CultureInfo.InvariantCulture)}\n"));

    /// <summary>etudiants_transformed.csv, byte for byte.</summary>
    public static string Transformed(string file) =>
        "first_name,last_name,age,field\n" + string.Concat(Over20(file)
            .OrderBy(student => student.Field, StringComparer.Ordinal).ThenBy(student => student.LastName, StringComparer.Ordinal).ThenBy(student => student.FirstName, StringComparer.Ordinal).ThenBy(student => student.Age)
            .Select(student => string.Create(CultureInfo.InvariantCulture, $"{student.FirstName},{student.LastName},{student.Age},{student.Field}\n")));

    private static List<(string FirstName, string LastName, long Age, string Field)> Over20(string file) =>
        [.. File.ReadLines(file).Skip(1).Select(line => line.Split(','))
            .Select(fields => (FirstName: fields[1].ToUpperInvariant(), LastName: fields[0].ToUpperInvariant(), Age: long.Parse(fields[2], CultureInfo.InvariantCulture), Field: fields[3]))
            .Where(student => student.Age > 20)];
}
