#!/bin/sh
# Segment one stack as a batch job:  sbatch examples/slurm/segment.sh images.ome.zarr model.keramos segmentation.ome.zarr
# A job that was killed, ran out of time or lost its node goes on where it was when the same line is submitted again;
# with --requeue SLURM does so by itself after a node has failed.
#SBATCH --job-name=keramos
#SBATCH --cpus-per-task=2
#SBATCH --mem=4G
#SBATCH --time=12:00:00
#SBATCH --requeue
#SBATCH --open-mode=append
#SBATCH --output=keramos-%j.log
set -eu
images=$1 model=$2 out=$3
shift 3
# Slices are run by as many threads as the job has cores.
export OMP_NUM_THREADS="${SLURM_CPUS_PER_TASK:-1}"
exec keramos segment "$images" --model "$model" --out "$out" "$@"
