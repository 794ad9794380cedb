using System.Buffers;
using System.Globalization;
using System.Text;
using ExcelDataReader;

namespace Pipeline.Engine.Files;

/// <summary>A cell's value as text, the way the same value stands in a CSV.</summary>
/// <remarks>
/// Text stays as it is (<c>01364959</c>); a number is its shortest round-trip form (<c>41.9369</c>), with leading zeros where the cell's format asks for them
/// (<c>00000000</c>); a date is <c>yyyy-MM-dd HH:mm:ss</c>, a time of day <c>HH:mm</c>, with seconds where it has any, both rounded to the second as Excel shows them; an error or no value is nothing.
/// </remarks>
internal static class CellText
{
    private const int LongestNumber = 32;

    // Excel's day 1 is 1900-01-01; a time without a day falls before it.
    private static readonly DateTime FirstDay = new(1900, 1, 1);

    internal static void Write(IExcelDataReader reader, int column, IBufferWriter<byte> output)
    {
        switch (reader.GetValue(column))
        {
            case null:
                break;
            case string text:
                WriteText(text, output);
                break;
            case double number:
                WriteNumber(number, LeadingZeros(reader.GetNumberFormatString(column)), output);
                break;
            case int number:
                WriteNumber(number, LeadingZeros(reader.GetNumberFormatString(column)), output);
                break;
            case DateTime time when time < FirstDay:
                WriteTime(Rounded(time).TimeOfDay, output);
                break;
            case DateTime time:
                WriteText(Rounded(time).ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture), output);
                break;
            case TimeSpan time:
                WriteTime(TimeSpan.FromSeconds(Math.Round(time.TotalSeconds)), output);
                break;
            case bool truth:
                WriteText(truth ? "TRUE" : "FALSE", output);
                break;
            case var other:
                WriteText(Convert.ToString(other, CultureInfo.InvariantCulture) ?? "", output);
                break;
        }
    }

    internal static void WriteNumber(double number, int digits, IBufferWriter<byte> output)
    {
        var isPadded = digits > 1 && number >= 0 && number < long.MaxValue && double.IsInteger(number);
        var span = output.GetSpan(Math.Max(LongestNumber, digits));
        var format = isPadded ? $"D{digits}" : "R";
        var written = 0;
        var fits = isPadded ? ((long)number).TryFormat(span, out written, format, CultureInfo.InvariantCulture) : number.TryFormat(span, out written, format, CultureInfo.InvariantCulture);
        output.Advance(fits ? written : throw new InvalidOperationException($"The number {number} does not fit in {span.Length} characters."));
    }

    /// <summary>How many digits a format of zeros only, such as <c>00000000</c>, fills up to; 0 for any other.</summary>
    internal static int LeadingZeros(string? format) => format is { Length: > 1 } && format.AsSpan().IndexOfAnyExcept('0') < 0 ? format.Length : 0;

    /// <summary>The nearest second: a workbook keeps days as a binary fraction, so that 23:59:59 may be some milliseconds before it.</summary>
    private static DateTime Rounded(DateTime time)
    {
        const long half = TimeSpan.TicksPerSecond / 2;
        var ticks = Math.Min(time.Ticks + half, DateTime.MaxValue.Ticks);
        return new DateTime(ticks - (ticks % TimeSpan.TicksPerSecond), time.Kind);
    }

    private static void WriteTime(TimeSpan time, IBufferWriter<byte> output) =>
        WriteText(time.ToString(time.Seconds == 0 ? @"hh\:mm" : @"hh\:mm\:ss", CultureInfo.InvariantCulture), output);

    private static void WriteText(string text, IBufferWriter<byte> output)
    {
        // A lone surrogate, which a workbook can hold and JSON cannot, becomes U+FFFD here.
        var span = output.GetSpan(Encoding.UTF8.GetMaxByteCount(text.Length));
        output.Advance(Encoding.UTF8.GetBytes(text, span));
    }
}

