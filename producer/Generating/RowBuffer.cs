using System.Buffers;
using System.Globalization;
using System.Text;

namespace Pipeline.Producer.Generating;

/// <summary>One row under construction: its fields as UTF-8, one after another.</summary>
public sealed class RowBuffer
{
    private readonly ArrayBufferWriter<byte> _bytes = new(512);
    private int[] _ends = new int[64];

    /// <summary>How many fields it has.</summary>
    public int Count { get; private set; }

    /// <summary>A field.</summary>
    public ReadOnlySpan<byte> Field(int index) => _bytes.WrittenSpan[(index == 0 ? 0 : _ends[index - 1]).._ends[index]];

    /// <summary>Begins a new row.</summary>
    public void Clear()
    {
        _bytes.ResetWrittenCount();
        Count = 0;
    }

    /// <summary>Adds a field of text.</summary>
    public void Add(ReadOnlySpan<char> text)
    {
        var span = _bytes.GetSpan(Encoding.UTF8.GetMaxByteCount(text.Length));
        _bytes.Advance(Encoding.UTF8.GetBytes(text, span));
        End();
    }

    /// <summary>Adds an empty field.</summary>
    public void AddEmpty() => End();

    /// <summary>Adds a whole number, its thousands separated by this text (none where empty).</summary>
    public void Add(long number, ReadOnlySpan<char> thousands)
    {
        const int longest = 20;
        Span<char> digits = stackalloc char[longest];
        _ = Math.Abs(number).TryFormat(digits, out var length, default, CultureInfo.InvariantCulture);
        Span<char> text = stackalloc char[longest * 2];
        var written = 0;
        if (number < 0)
            text[written++] = '-';
        for (var i = 0; i < length; i++)
        {
            if (i > 0 && (length - i) % 3 == 0)
            {
                thousands.CopyTo(text[written..]);
                written += thousands.Length;
            }
            text[written++] = digits[i];
        }
        Add(text[..written]);
    }

    private void End()
    {
        if (Count == _ends.Length)
            Array.Resize(ref _ends, _ends.Length * 2);
        _ends[Count++] = _bytes.WrittenCount;
    }
}
