using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using DuckDB.NET.Native;
using Pipeline.Engine.Sql.Dialects;
using Pipeline.Engine.Sql.Engines;

namespace Pipeline.Engine.Embedded.Session;

/// <summary>DuckDB's functions over texts: <see cref="TextValues"/> (NULL for NULL, and for a text that the rule does not take) <see cref="JsonTexts"/> and <see cref="JsonFields"/>.</summary>
/// <remarks>Source: duckdb.h of DuckDB 1.5, chapters "Scalar Functions" and "Vector".</remarks>
internal static unsafe class TextFunctions
{
    private const int InlineBytes = 12;

    /// <summary>Makes the functions known to a database.</summary>
    public static void Register(Connection connection)
    {
        Register(connection, DuckDbDialect.NumberOfText, DuckDBType.Double, &Numbers);
        Register(connection, DuckDbDialect.WholeNumberOfText, DuckDBType.BigInt, &WholeNumbers);
        Register(connection, DuckDbDialect.InstantOfText, DuckDBType.TimestampTz, &Instants);
        Register(connection, DuckDbDialect.JsonOfTexts, DuckDBType.Varchar, &Objects, takesMore: true);
        Register(connection, DuckDbDialect.JsonFields, DuckDBType.Varchar, &Fields, texts: 2);
    }

    private static void Register(Connection connection, string name, DuckDBType result, delegate* unmanaged[Cdecl]<nint, nint, nint, void> run, bool takesMore = false, int texts = 1)
    {
        var function = NativeMethods.ScalarFunction.DuckDBCreateScalarFunction();
        NativeMethods.ScalarFunction.DuckDBScalarFunctionSetName(function, name);
        using (var text = NativeMethods.LogicalType.DuckDBCreateLogicalType(DuckDBType.Varchar))
        {
            for (var i = 0; i < texts; i++) NativeMethods.ScalarFunction.DuckDBScalarFunctionAddParameter(function, text);
            if (takesMore)
            {
                NativeMethods.ScalarFunction.DuckDBScalarFunctionSetVarargs(function, text);
                NativeSession.ScalarFunctionSetSpecialHandling(function);
            }
        }
        using (var type = NativeMethods.LogicalType.DuckDBCreateLogicalType(result)) NativeMethods.ScalarFunction.DuckDBScalarFunctionSetReturnType(function, type);
        NativeMethods.ScalarFunction.DuckDBScalarFunctionSetFunction(function, run);
        var state = NativeMethods.ScalarFunction.DuckDBRegisterScalarFunction(connection.Native, function);
        NativeMethods.ScalarFunction.DuckDBDestroyScalarFunction(ref function);
        if (!state.IsSuccess()) throw new EngineException($"DuckDB did not take the function '{name}'.");
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void Numbers(nint info, nint input, nint output) => ReadEach<double, NumberReading>(info, input, output);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void WholeNumbers(nint info, nint input, nint output) => ReadEach<long, WholeNumberReading>(info, input, output);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void Instants(nint info, nint input, nint output) => ReadEach<long, InstantReading>(info, input, output);

    private static void ReadEach<T, TReading>(nint info, nint input, nint output) where T : unmanaged where TReading : struct, IReading<T>
    {
        try
        {
            var texts = new Texts(input, 0);
            var results = (T*)NativeMethods.Vectors.DuckDBVectorGetData(output);
            var validity = Validity(output);
            for (var row = 0UL; row < texts.Count; row++)
                if (texts.IsNull(row) || !TReading.TryRead(texts[row], out results[row])) SetNull(validity, row);
        }
        catch (Exception error)
        {
            NativeMethods.ScalarFunction.DuckDBScalarFunctionSetError(info, DuckDbError.Carry(error));
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void Objects(nint info, nint input, nint output)
    {
        try
        {
            var names = new Texts(input, 0);
            if (names.Count == 0) return;
            var members = JsonTexts.Members(names[0]);
            var columns = new Texts[members.Length];
            for (var i = 0; i < columns.Length; i++) columns[i] = new Texts(input, i + 1);
            var json = JsonTexts.Rent();
            for (var row = 0UL; row < names.Count; row++)
            {
                json.Begin();
                for (var i = 0; i < columns.Length; i++)
                    if (!columns[i].IsNull(row)) json.Add(members[i], columns[i][row]);
                var text = json.End();
                fixed (byte* first = text) NativeMethods.Vectors.DuckDBVectorAssignStringElementLength(output, row, first, text.Length);
            }
        }
        catch (Exception error)
        {
            NativeMethods.ScalarFunction.DuckDBScalarFunctionSetError(info, DuckDbError.Carry(error));
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void Fields(nint info, nint input, nint output)
    {
        try
        {
            var texts = new Texts(input, 0);
            var specs = new Texts(input, 1);
            var validity = Validity(output);
            var fields = JsonFields.Rent();
            for (var row = 0UL; row < texts.Count; row++)
            {
                if (texts.IsNull(row) || specs.IsNull(row) || !fields.TryRead(texts[row], specs[row]))
                {
                    SetNull(validity, row);
                    continue;
                }
                var written = fields.Written;
                fixed (byte* first = written) NativeMethods.Vectors.DuckDBVectorAssignStringElementLength(output, row, first, written.Length);
            }
        }
        catch (Exception error)
        {
            NativeMethods.ScalarFunction.DuckDBScalarFunctionSetError(info, DuckDbError.Carry(error));
        }
    }

    private static ulong* Validity(nint vector)
    {
        NativeMethods.Vectors.DuckDBVectorEnsureValidityWritable(vector);
        return NativeMethods.Vectors.DuckDBVectorGetValidity(vector);
    }

    private static void SetNull(ulong* validity, ulong row) => validity[row >> 6] &= ~(1UL << (int)(row & 63));

    /// <summary>A rule of <see cref="TextValues"/>; a struct, so that <see cref="ReadEach"/> is compiled for each and calls nothing through a pointer.</summary>
    private interface IReading<T>
    {
        static abstract bool TryRead(ReadOnlySpan<byte> text, out T value);
    }

    private readonly struct NumberReading : IReading<double>
    {
        public static bool TryRead(ReadOnlySpan<byte> text, out double value) => TextValues.TryNumber(text, out value);
    }

    private readonly struct WholeNumberReading : IReading<long>
    {
        public static bool TryRead(ReadOnlySpan<byte> text, out long value) => TextValues.TryWholeNumber(text, out value);
    }

    private readonly struct InstantReading : IReading<long>
    {
        public static bool TryRead(ReadOnlySpan<byte> text, out long value) => TextValues.TryInstant(text, out value);
    }

    /// <summary>The texts of one of a chunk's columns.</summary>
    private readonly struct Texts
    {
        private readonly byte* data;
        private readonly ulong* validity;

        public Texts(nint input, int column)
        {
            var chunk = new DuckDBDataChunk(input);
            try
            {
                Count = NativeMethods.DataChunks.DuckDBDataChunkGetSize(chunk);
                var vector = NativeMethods.DataChunks.DuckDBDataChunkGetVector(chunk, column);
                data = (byte*)NativeMethods.Vectors.DuckDBVectorGetData(vector);
                validity = NativeMethods.Vectors.DuckDBVectorGetValidity(vector);
            }
            finally
            {
                // DuckDB owns the chunk.
                chunk.SetHandleAsInvalid();
            }
        }

        public ulong Count { get; }

        /// <summary>A text is 16 bytes: the length, then the text itself where it fits, or four of its bytes and a pointer.</summary>
        public ReadOnlySpan<byte> this[ulong row]
        {
            get
            {
                var at = data + (row * 16);
                var length = *(int*)at;
                return new ReadOnlySpan<byte>(length <= InlineBytes ? at + 4 : *(byte**)(at + 8), length);
            }
        }

        public bool IsNull(ulong row) => validity != null && (validity[row >> 6] & (1UL << (int)(row & 63))) == 0;
    }
}
