using Pipeline.Engine.Sql;
using Pipeline.Suite.Runtime.Engines;

EngineFactory.Register();
using var spark = SparkSession.Builder().GetOrCreate();
spark.Range(5).Select(Functions.Udf<long, string>(id => $"row {id * id} by {Environment.ProcessPath}")("id").As("text")).Show(5, 0);
