using Pipeline.Producer.Jobs;

return await ProducerJobs.RunAsync(args);
