using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using DuckDB.NET.Native;
using Pipeline.Engine.Embedded.Session;
using Pipeline.Engine.Sql.Engines;
using Pipeline.Engine.UserFunctions.Calls;

namespace Pipeline.Engine.Embedded.UserFunctions;

/// <summary>A C# function as a scalar function of DuckDB, over vectors. DuckDB calls it from several threads at once.</summary>
/// <remarks>Source: duckdb.h of DuckDB 1.5, chapter "Scalar Functions".</remarks>
internal sealed unsafe class ScalarFunction
{
    private readonly UserFunction function;
    private readonly ConcurrentBag<FunctionBatch> idle = [];

    private ScalarFunction(UserFunction function) => this.function = function;

    /// <summary>Makes the function known to the connection's database, where it stays.</summary>
    /// <exception cref="EngineException">DuckDB refuses it.</exception>
    public static void Register(Connection connection, UserFunction function)
    {
        var native = NativeMethods.ScalarFunction.DuckDBCreateScalarFunction();
        try
        {
            NativeMethods.ScalarFunction.DuckDBScalarFunctionSetName(native, function.SqlName);
            foreach (var parameter in function.Parameters)
            {
                // The fields of an open struct come with the argument.
                using var type = parameter.IsOpen ? NativeMethods.LogicalType.DuckDBCreateLogicalType(DuckDBType.Any) : LogicalTypes.Create(parameter.Type);
                NativeMethods.ScalarFunction.DuckDBScalarFunctionAddParameter(native, type);
            }
            using (var type = LogicalTypes.Create(function.ResultType)) NativeMethods.ScalarFunction.DuckDBScalarFunctionSetReturnType(native, type);
            // The null rule is the function's own.
            NativeSession.ScalarFunctionSetSpecialHandling(native);
            if (!function.IsDeterministic) NativeSession.ScalarFunctionSetVolatile(native);
            var self = GCHandle.Alloc(new ScalarFunction(function));
            NativeSession.ScalarFunctionSetExtraInfo(native, GCHandle.ToIntPtr(self), &Free);
            NativeMethods.ScalarFunction.DuckDBScalarFunctionSetFunction(native, &Call);
            if (!NativeMethods.ScalarFunction.DuckDBRegisterScalarFunction(connection.Native, native).IsSuccess())
                throw new EngineException($"DuckDB did not take the C# function '{function.Name}' ({function.SqlName}).");
        }
        finally
        {
            NativeMethods.ScalarFunction.DuckDBDestroyScalarFunction(ref native);
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void Free(nint self) => GCHandle.FromIntPtr(self).Free();

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void Call(nint info, nint input, nint output)
    {
        try
        {
            var self = (ScalarFunction)GCHandle.FromIntPtr(NativeSession.ScalarFunctionGetExtraInfo(info)).Target!;
            self.Run(input, output);
        }
        catch (Exception error)
        {
            NativeMethods.ScalarFunction.DuckDBScalarFunctionSetError(info, DuckDbError.Carry(error));
        }
    }

    private void Run(nint input, nint output)
    {
        if (!idle.TryTake(out var batch)) batch = new FunctionBatch(function);
        var chunk = new DuckDBDataChunk(input);
        try
        {
            var rows = (int)NativeMethods.DataChunks.DuckDBDataChunkGetSize(chunk);
            batch.Reserve(rows);
            for (var i = 0; i < function.Parameters.Length; i++) Decode(chunk, i, rows, batch);
            batch.Run(rows);
            Encode(batch, rows, output);
        }
        finally
        {
            // DuckDB owns the chunk.
            chunk.SetHandleAsInvalid();
            idle.Add(batch);
        }
    }

    private void Decode(DuckDBDataChunk chunk, int parameter, int rows, FunctionBatch batch)
    {
        try
        {
            var vector = NativeMethods.DataChunks.DuckDBDataChunkGetVector(chunk, parameter);
            VectorDecoder.Decode(vector, rows, function.Parameters[parameter], batch.Arguments(parameter), batch.ArgumentNulls(parameter));
        }
        catch (Exception error) when (error is OverflowException or InvalidCastException)
        {
            throw new EngineException($"Cannot call the C# function '{function.Name}' with argument {parameter + 1}: {error.Message}", error);
        }
    }

    private void Encode(FunctionBatch batch, int rows, nint output)
    {
        try
        {
            VectorEncoder.Encode(batch.Results, batch.ResultNulls, rows, function.ResultType, output);
        }
        catch (Exception error) when (error is OverflowException or InvalidCastException)
        {
            throw new EngineException($"Cannot take a result of the C# function '{function.Name}': {error.Message}", error);
        }
    }
}
