# expect: eval | multiprocessing target
import multiprocessing as mp
if __name__ == "__main__":
    mp.get_context("spawn").Process(target=eval, args=("1",)).start()
