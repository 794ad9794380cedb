using Pipeline.Jobs.BatchEtl;
using Pipeline.Runtime;

return await JobHost.RunAsync(args, new BatchEtlJob());
