using Pipeline.Jobs.BatchEtl;
using Pipeline.Suite.Runtime.Jobs;

return await JobHost.RunAsync(args, new BatchEtlJob());
